// The page cache: for each file, and for each piece of shared anonymous memory, which frame holds
// which of its pages. A radix tree of 256-way nodes, as deep as the object is long.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <new>
#include <vector>

#include "cow/view.h"
#include "impl/pte.h"

namespace cow::impl {

using ObjectNo = std::uint32_t;

struct CacheObject {
  Kind kind = Kind::none;          // file or shmem; none: the number is free
  std::uint8_t value = 0;          // what a page holds before its first write
  std::uint8_t height = 0;         // levels of nodes
  std::uint32_t root = 0;          // node; 0: none
  std::uint32_t pages = 0;         // length
  std::uint64_t mapped_pages = 0;  // pages of areas that map it, in all processes
};

class PageCache {
 public:
  void reset() {
    objects_.clear();
    nodes_.resize(1);  // node 0 is "none"
    free_nodes_.clear();
  }

  // Throws std::bad_alloc.
  ObjectNo add(Kind kind, std::uint32_t pages, std::uint8_t value) {
    CacheObject o;
    o.kind = kind;
    o.value = value;
    o.pages = pages;
    o.height = pages <= 1u << 8 ? 1 : pages <= 1u << 16 ? 2 : pages <= 1u << 24 ? 3 : 4;
    for (ObjectNo n = first_shmem_; n < objects_.size(); ++n) {
      if (objects_[n].kind != Kind::none) continue;
      objects_[n] = o;
      return n;
    }
    objects_.push_back(o);
    return static_cast<ObjectNo>(objects_.size() - 1);
  }
  void files_are_added() { first_shmem_ = static_cast<ObjectNo>(objects_.size()); }
  std::uint32_t files() const { return first_shmem_; }
  std::size_t objects() const { return objects_.size(); }

  CacheObject& object(ObjectNo n) { return objects_[n]; }
  const CacheObject& object(ObjectNo n) const { return objects_[n]; }

  // The frame of a page, or 0.
  FrameNo find(ObjectNo n, std::uint32_t page) const {
    std::uint32_t at = objects_[n].root;
    for (unsigned level = objects_[n].height; level > 0 && at != 0; --level)
      at = nodes_[at][slot(page, level)];
    return at;
  }

  // False where the host has no memory for a node. REQUIRES: page < the object's length.
  bool insert(ObjectNo n, std::uint32_t page, FrameNo frame) {
    CacheObject& o = objects_[n];
    assert(page < o.pages);
    if (o.root == 0 && (o.root = make_node()) == 0) return false;
    std::uint32_t at = o.root;
    for (unsigned level = o.height; level > 1; --level) {
      if (nodes_[at][slot(page, level)] == 0) {
        const std::uint32_t below = make_node();  // moves the nodes
        if (below == 0) return false;
        nodes_[at][slot(page, level)] = below;
      }
      at = nodes_[at][slot(page, level)];
    }
    nodes_[at][slot(page, 1)] = frame;
    return true;
  }

  template <class F>  // f(page, frame), in order
  void for_each(ObjectNo n, F f) const {
    const CacheObject& o = objects_[n];
    if (o.root != 0) visit(o.root, o.height, 0, o.pages, f);
  }

  // Forgets a shmem object; its frames are the caller's.
  void remove(ObjectNo n) {
    if (objects_[n].root != 0) free_nodes(objects_[n].root, objects_[n].height);
    objects_[n] = {};
  }

 private:
  using Node = std::array<std::uint32_t, 256>;

  static unsigned slot(std::uint32_t page, unsigned level) {
    return (page >> (8 * (level - 1))) & 0xff;
  }

  std::uint32_t make_node() {
    if (!free_nodes_.empty()) {
      const std::uint32_t node = free_nodes_.back();
      free_nodes_.pop_back();
      nodes_[node] = {};
      return node;
    }
    try {
      nodes_.emplace_back();
      free_nodes_.reserve(nodes_.size());  // so that giving a node back cannot fail
    } catch (const std::bad_alloc&) {
      return 0;
    }
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }

  void free_nodes(std::uint32_t node, unsigned level) {
    if (level > 1)
      for (const std::uint32_t below : nodes_[node])
        if (below != 0) free_nodes(below, level - 1);
    free_nodes_.push_back(node);
  }

  template <class F>
  void visit(std::uint32_t node, unsigned level, std::uint32_t page, std::uint32_t pages,
             F& f) const {
    const unsigned below_bits = 8 * (level - 1);  // pages of a slot
    const std::uint64_t first = std::uint64_t{page} << 8;
    const std::uint64_t end = ((std::uint64_t{pages} - 1) >> below_bits) + 1;
    const auto slots = static_cast<std::uint32_t>(std::min<std::uint64_t>(256, end - first));
    for (std::uint32_t i = 0; i < slots; ++i) {
      const std::uint32_t below = nodes_[node][i];
      if (below == 0) continue;
      const std::uint32_t at = page << 8 | i;
      if (level == 1) f(at, below);
      else visit(below, level - 1, at, pages, f);
    }
  }

  std::vector<CacheObject> objects_;  // files first
  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::vector<std::uint32_t> free_nodes_;
  ObjectNo first_shmem_ = 0;
};

}  // namespace cow::impl

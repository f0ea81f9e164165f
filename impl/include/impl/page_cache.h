// The page cache: for each file, and for each piece of shared anonymous memory, which frame holds
// which of its pages. A radix tree of 256-way nodes, as deep as the object is long.
//
// Thread safety: an object's tree is looked at and changed under its lock. Linux: xa_lock of
// i_pages.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <new>
#include <vector>

#include "cow/view.h"
#include "impl/lock_order.h"
#include "impl/pte.h"
#include "impl/stable.h"

namespace cow::impl {

using ObjectNo = std::uint32_t;

template <class Sync> struct CacheObject {
  using Node = std::array<std::uint32_t, 256>;

  typename Sync::Lock lock;
  Kind kind = Kind::none;          // file or shmem; none: the number is free
  std::uint8_t value = 0;          // what a page holds before its first write
  std::uint8_t height = 0;         // levels of nodes
  std::uint32_t root = 0;          // node; 0: none
  std::uint32_t pages = 0;         // length
  std::uint64_t mapped_pages = 0;  // pages of areas that map it, in all processes
  std::vector<Node> nodes;         // node 0 is "none"
};

template <class Sync> class PageCache {
 public:
  using Object = CacheObject<Sync>;

  void reset() {
    for (ObjectNo n = 0; n < count_; ++n) forget(objects_[n]);
    count_ = first_shmem_ = 0;
  }

  // Throws std::bad_alloc.
  ObjectNo add(Kind kind, std::uint32_t pages, std::uint8_t value) {
    const Held<Sync, LockRank::pool> held(lock_);
    ObjectNo n = first_shmem_;
    while (n < count_ && objects_[n].kind != Kind::none) ++n;
    if (!objects_.grow(n + std::size_t{1})) throw std::bad_alloc();
    Object& o = objects_[n];
    o.nodes.resize(1);
    o.value = value;
    o.pages = pages;
    o.height = pages <= 1u << 8 ? 1 : pages <= 1u << 16 ? 2 : pages <= 1u << 24 ? 3 : 4;
    o.kind = kind;
    count_ = std::max(count_, n + 1);
    return n;
  }
  void files_are_added() { first_shmem_ = count_; }
  std::uint32_t files() const { return first_shmem_; }
  std::size_t objects() const { return count_; }

  Object& object(ObjectNo n) const { return objects_[n]; }

  // The frame of a page, or 0. REQUIRES, as all below: the object's lock, or nothing else running.
  FrameNo find(ObjectNo n, std::uint32_t page) const {
    const Object& o = objects_[n];
    std::uint32_t at = o.root;
    for (unsigned level = o.height; level > 0 && at != 0; --level)
      at = o.nodes[at][slot(page, level)];
    return at;
  }

  // False where the host has no memory for a node. REQUIRES: page < the object's length.
  bool insert(ObjectNo n, std::uint32_t page, FrameNo frame) {
    Object& o = objects_[n];
    assert(page < o.pages);
    if (o.root == 0 && (o.root = make_node(o)) == 0) return false;
    std::uint32_t at = o.root;
    for (unsigned level = o.height; level > 1; --level) {
      if (o.nodes[at][slot(page, level)] == 0) {
        const std::uint32_t below = make_node(o);  // moves the nodes
        if (below == 0) return false;
        o.nodes[at][slot(page, level)] = below;
      }
      at = o.nodes[at][slot(page, level)];
    }
    o.nodes[at][slot(page, 1)] = frame;
    return true;
  }

  template <class F>  // f(page, frame), in order
  void for_each(ObjectNo n, F f) const {
    const Object& o = objects_[n];
    if (o.root != 0) visit(o, o.root, o.height, 0, f);
  }

  // Forgets a shmem object; its frames are the caller's.
  void remove(ObjectNo n) { forget(objects_[n]); }

 private:
  using Node = typename Object::Node;

  static unsigned slot(std::uint32_t page, unsigned level) {
    return (page >> (8 * (level - 1))) & 0xff;
  }

  static std::uint32_t make_node(Object& o) {
    try {
      o.nodes.emplace_back();
    } catch (const std::bad_alloc&) {
      return 0;
    }
    return static_cast<std::uint32_t>(o.nodes.size() - 1);
  }

  static void forget(Object& o) {
    o.nodes.clear();
    o.root = 0;
    o.pages = 0;
    o.mapped_pages = 0;
    o.kind = Kind::none;
  }

  template <class F>
  void visit(const Object& o, std::uint32_t node, unsigned level, std::uint32_t page, F& f) const {
    const unsigned below_bits = 8 * (level - 1);  // pages of a slot
    const std::uint64_t first = std::uint64_t{page} << 8;
    const std::uint64_t end = ((std::uint64_t{o.pages} - 1) >> below_bits) + 1;
    const auto slots = static_cast<std::uint32_t>(std::min<std::uint64_t>(256, end - first));
    for (std::uint32_t i = 0; i < slots; ++i) {
      const std::uint32_t below = o.nodes[node][i];
      if (below == 0) continue;
      const std::uint32_t at = page << 8 | i;
      if (level == 1) f(at, below);
      else visit(o, below, level - 1, at, f);
    }
  }

  typename Sync::Lock lock_;      // of adding
  Stable<Sync, Object> objects_;  // files first
  ObjectNo count_ = 0;
  ObjectNo first_shmem_ = 0;
};

}  // namespace cow::impl

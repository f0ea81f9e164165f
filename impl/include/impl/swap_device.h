// The swap device and the swap cache: what a swap entry names.
//
// A slot is used while an entry names it or a page stands for it in the cache. Its bytes count only
// while no page does. Slots are given lowest first; there is no limit but the host's memory.
//
// Thread safety: all functions want the device's lock, but any() and looking while nothing runs.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "impl/frames.h"

namespace cow::impl {

template <class Sync> class SwapDevice {
 public:
  typename Sync::Lock& lock() { return lock_; }

  void reset() {
    slots_.clear();
    pages_.clear();
    Sync::store(cached_, 0);
  }

  // Are there pages in the swap cache? Without the lock, a hint for who has one at hand: whoever
  // maps a page of the cache has seen it come.
  bool any_cached() const { return Sync::load(cached_) != 0; }

  // A slot for a page that has none. Throws std::bad_alloc, having changed nothing.
  SwapNo add(FrameNo page) {
    SwapNo n = 0;
    while (n < slots_.size() && (slots_[n].users != 0 || slots_[n].page != kNoPage)) ++n;
    if (n == slots_.size()) slots_.emplace_back();
    if (!slots_[n].bytes) slots_[n].bytes = std::make_unique<Bytes>();
    cache(n, page);
    return n;
  }
  // From now on the page stands for the slot. Throws std::bad_alloc.
  void cache(SwapNo n, FrameNo page) {
    pages_.emplace(page, n);
    slots_[n].page = page;
    Sync::fetch_add(cached_, 1);
  }
  void uncache(FrameNo page) {
    const auto at = pages_.find(page);
    assert(at != pages_.end());
    slots_[at->second].page = kNoPage;
    pages_.erase(at);
    Sync::fetch_sub(cached_, 1);
  }
  // The page in the cache has become another one. REQUIRES: it was there.
  void replace(FrameNo page, FrameNo by) {
    auto at = pages_.extract(page);  // needs no memory, so that nothing is lost
    at.key() = by;
    slots_[at.mapped()].page = by;
    pages_.insert(std::move(at));
  }

  void add_user(SwapNo n) { ++slots_[n].users; }
  void drop_user(SwapNo n) {
    assert(slots_[n].users != 0);
    --slots_[n].users;
  }
  std::uint32_t users(SwapNo n) const { return slots_[n].users; }
  FrameNo page(SwapNo n) const { return slots_[n].page; }  // kNoPage: not in the cache
  SwapNo slot_of(FrameNo page) const { return pages_.at(page); }
  std::uint8_t* bytes(SwapNo n) const { return slots_[n].bytes->data(); }

  std::size_t slots() const { return slots_.size(); }

 private:
  using Bytes = std::array<std::uint8_t, kPageBytes>;
  struct Slot {
    std::uint32_t users = 0;  // entries that name it
    FrameNo page = kNoPage;
    std::unique_ptr<Bytes> bytes;
  };
  typename Sync::Lock lock_;
  std::vector<Slot> slots_;
  std::unordered_map<FrameNo, SwapNo> pages_;  // the cache
  mutable std::uint32_t cached_ = 0;
};

}  // namespace cow::impl

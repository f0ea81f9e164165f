// The order in which locks are taken, from the outside in. A test build checks it: whoever takes a
// lock holds none of a later rank, and of its own rank only where that says so.
//
//   reference    one name of a reference; held for the whole pin or unpin
//   mmap         an address space (mmap_lock): faults, pins, dontneed, populating and userfaultfd's
//                protection read; fork, exit, map, unmap, remap, protect, advise, lock, unlock and
//                registering with userfaultfd write. fork holds the parent's; reclaim, migration
//                and KSM hold all, in the order of names
//   migration    the page that moves, until its entries are back: who meets one waits here
//   notifier     an address space as its secondary MMUs see it: a change writes, a refill reads
//   cache        one object of the page cache
//   page_table   one page table; two at once in table order only, the shared one after its holder,
//                and of two that entries move between the one of the lower number first
//   migrating    which entries of that page are to come back
//   swap         the swap device: which slot which page of the swap cache stands for
//   cpu          one CPU's TLB. Who holds it keeps that CPU from answering a shootdown: an access
//                while it walks and touches its byte, fast GUP while it looks (interrupts off)
//   folio        the large folios: which frames are one, which of them go
//   frames       one CPU's free frames
//   pool         what all CPUs share: free frames, free tables, new names
//
// Nothing in the fault path takes a lock of rank pool unless a CPU's own free frames are used up or
// a table is new.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "impl/sync.h"

namespace cow::impl {

enum class LockRank : std::uint8_t {
  reference,
  mmap,
  migration,
  notifier,
  cache,
  page_table,
  migrating,
  swap,
  cpu,
  folio,
  frames,
  pool
};

// What this thread holds, by rank. Checked where assertions are compiled in.
class HeldRanks {
 public:
  static void take([[maybe_unused]] LockRank rank) {
#ifndef NDEBUG
    for (std::size_t later = index(rank) + 1; later < held_.size(); ++later)
      assert(held_[later] == 0 && "locks are taken in the order of impl/lock_order.h");
    assert((held_[index(rank)] == 0 || rank == LockRank::page_table) && "two locks of one rank");
    ++held_[index(rank)];
#endif
  }
  static void give([[maybe_unused]] LockRank rank) {
#ifndef NDEBUG
    --held_[index(rank)];
#endif
  }

 private:
#ifndef NDEBUG
  static constexpr std::size_t index(LockRank rank) { return static_cast<std::size_t>(rank); }
  static inline thread_local std::array<std::uint8_t, 12> held_{};
#endif
};

// A policy's lock, held while this lives.
template <class Sync, LockRank rank> class [[nodiscard]] Held {
 public:
  explicit Held(typename Sync::Lock& lock) : lock_(lock) {
    if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::take(rank);
    lock_.lock();
  }
  ~Held() {
    lock_.unlock();
    if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::give(rank);
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  typename Sync::Lock& lock_;
};

// The same for none, as nullptr.
template <class Sync, LockRank rank> class [[nodiscard]] HeldIf {
 public:
  explicit HeldIf(typename Sync::Lock* lock) : lock_(lock) {
    if (lock_ == nullptr) return;
    if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::take(rank);
    lock_->lock();
  }
  ~HeldIf() {
    if (lock_ == nullptr) return;
    lock_->unlock();
    if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::give(rank);
  }
  HeldIf(const HeldIf&) = delete;
  HeldIf& operator=(const HeldIf&) = delete;

 private:
  typename Sync::Lock* lock_;
};

template <class Sync, LockRank rank> class [[nodiscard]] HeldForRead {
 public:
  HeldForRead(typename Sync::RwLock& lock, unsigned cpu) : lock_(lock), cpu_(cpu) {
    if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::take(rank);
    lock_.lock_shared(cpu_);
  }
  ~HeldForRead() {
    lock_.unlock_shared(cpu_);
    if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::give(rank);
  }
  HeldForRead(const HeldForRead&) = delete;
  HeldForRead& operator=(const HeldForRead&) = delete;

 private:
  typename Sync::RwLock& lock_;
  unsigned cpu_;
};

template <class Sync, LockRank rank> class [[nodiscard]] HeldForWrite {
 public:
  explicit HeldForWrite(typename Sync::RwLock& lock) : lock_(lock) {
    if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::take(rank);
    lock_.lock();
  }
  ~HeldForWrite() {
    lock_.unlock();
    if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::give(rank);
  }
  HeldForWrite(const HeldForWrite&) = delete;
  HeldForWrite& operator=(const HeldForWrite&) = delete;

 private:
  typename Sync::RwLock& lock_;
};

}  // namespace cow::impl

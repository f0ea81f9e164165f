// The page that moves, from when its entries are migration entries until they are back. Linux:
// mm/migrate.c. One page at a time: who wants to move another waits.
//
// Meanwhile its entries are not present, and count as mappings all the same, of the page that they
// will map. Whoever meets one waits; but fork, which copies it (FORK-7), and tells of the copy.
#pragma once

#include <cstdint>
#include <new>
#include <vector>

#include "impl/lock_order.h"
#include "impl/pte.h"

namespace cow::impl {

template <class Sync> class Migration {
 public:
  // Held until all entries are back.
  typename Sync::Lock& lock() { return under_way_; }
  // A fault's. Linux: migration_entry_wait.
  void wait() { const Held<Sync, LockRank::migration> is_over(under_way_); }
  // What changes entries, and is no fault and no fork, finds no migration entry. REQUIRES: the
  // mmap_lock, so that no other migration begins.
  void wait_if_any() {
    if (Sync::load(runs_) != 0) wait();
  }
  void begin() { Sync::store(runs_, 1); }
  void end() { Sync::store(runs_, 0); }

  // Room for so many entries; throws std::bad_alloc.
  void reserve(std::size_t n) { entries_.reserve(n); }
  // An entry that is to come back. REQUIRES: its lock, or that nobody else knows it. False: there
  // is no memory.
  bool add(Pte& entry) {
    const Held<Sync, LockRank::migrating> list(list_);
    try {
      entries_.push_back(&entry);
    } catch (const std::bad_alloc&) {
      return false;
    }
    return true;
  }
  // One that has not come back, or null. It may be gone by now, and its table be another's.
  Pte* take() {
    const Held<Sync, LockRank::migrating> list(list_);
    if (entries_.empty()) return nullptr;
    Pte* entry = entries_.back();
    entries_.pop_back();
    return entry;
  }

 private:
  typename Sync::Lock under_way_;
  typename Sync::Lock list_;
  std::uint8_t runs_ = 0;
  std::vector<Pte*> entries_;
};

}  // namespace cow::impl

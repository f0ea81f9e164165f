// The memory that page tables live in, and what is known of each table besides its entries.
//
// At most 2^21 tables. A table that is not in use is all zero but for its first word, the link to
// the next one.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <utility>

#include "impl/lock_order.h"
#include "impl/pte.h"
#include "impl/reserved.h"

namespace cow::impl {

using TableNo = std::uint32_t;  // 0: none

inline constexpr unsigned kLevelBits = 9;
inline constexpr unsigned kTableEntries = 1u << kLevelBits;

template <class Sync> class TablePool {
 public:
  static constexpr std::uint32_t kMost = 1u << 21;

  TablePool() { reserve(); }

  // REQUIRES: every table was freed. Tables keep their memory, and are handed out in the same
  // order again.
  void reset() {
    assert(live_ == 0);
    while (free_ != 0) free_ = static_cast<TableNo>(std::exchange(entries(free_)[0], 0));
    next_ = 1;
    fail_in_ = 0;
    failed_ = 0;
  }

  void fail_at(std::uint32_t nth) { Sync::store(fail_in_, nth); }
  bool failed() const { return Sync::load(failed_) != 0; }
  void clear_failed() {
    if (failed()) Sync::store(failed_, 0);
  }
  std::uint32_t live() const { return live_; }

  Pte* entries(TableNo t) const { return tables_[t].data(); }
  typename Sync::Lock& lock(TableNo t) const { return locks_[t]; }
  // Entries set, of an upper table. Of a last-level one: whether it stands for no page table, but
  // for a PMD that is none or huge (impl/detail/huge.h).
  std::uint16_t& used(TableNo t) const { return used_[t]; }
  std::uint32_t& others(TableNo t) const { return others_[t]; }  // that point to it, less one
  TableNo& link(TableNo t) const { return link_[t]; }            // of a chain of detached tables
  TableNo end() const { return next_; }                          // of the numbers ever given

  // The lock of the table that an entry stands in. Linux: pte_lockptr, pmd_lockptr.
  typename Sync::Lock& lock_of(const Pte* entry) const { return locks_[table_of(entry)]; }
  TableNo table_of(const Pte* entry) const {
    return static_cast<TableNo>(reinterpret_cast<const Table*>(entry) - &tables_[0]);
  }

  // A table that nobody points to, all zero; 0 where none is to be had.
  TableNo alloc() {
    if (Sync::load(fail_in_) != 0 && Sync::fetch_sub(fail_in_, 1) == 1) {
      Sync::store(failed_, 1);
      return 0;
    }
    TableNo t = 0;
    bool clean = false;
    {
      const Held<Sync, LockRank::pool> held(pool_lock_);
      t = free_;
      if (t != 0) {
        free_ = static_cast<TableNo>(entries(t)[0]);
      } else if (next_ < capacity_) {
        t = next_++;
        clean = true;
      }
      if (t != 0) ++live_;
    }
    if (t == 0) {
      Sync::store(failed_, 1);
      return 0;
    }
    if (!clean) entries(t)[0] = 0;
    used_[t] = 0;
    return t;
  }

  // REQUIRES: all zero but for its first word.
  void free(TableNo t) {
    const Held<Sync, LockRank::pool> held(pool_lock_);
    entries(t)[0] = free_;
    free_ = t;
    --live_;
  }

  // Bytes that a table costs besides its 4096.
  static constexpr std::size_t kBytesPerTable =
      sizeof(typename Sync::Lock) + sizeof(std::uint16_t) + 2 * sizeof(TableNo);

 private:
  using Table = std::array<Pte, kTableEntries>;

  void reserve() {
    tables_ = Reserved<Table>(kMost);
    locks_ = Reserved<typename Sync::Lock>(kMost);
    used_ = Reserved<std::uint16_t>(kMost);
    link_ = Reserved<TableNo>(kMost);
    others_ = Reserved<std::uint32_t>(kMost);
    capacity_ = static_cast<std::uint32_t>(
        std::min({tables_.capacity(), locks_.capacity(), used_.capacity(), link_.capacity(),
                  others_.capacity()}));
  }

  Reserved<Table> tables_;
  Reserved<typename Sync::Lock> locks_;
  Reserved<std::uint16_t> used_;
  Reserved<TableNo> link_;  // of detached tables
  Reserved<std::uint32_t> others_;
  std::uint32_t capacity_ = 0;
  typename Sync::Lock pool_lock_;
  TableNo free_ = 0;
  TableNo next_ = 1;
  std::uint32_t live_ = 0;
  std::uint32_t fail_in_ = 0;
  std::uint8_t failed_ = 0;
};

}  // namespace cow::impl

// Four levels of 512-entry tables, as x86-64 walks them, and the memory they live in.
//
// Units: a Vpn is a virtual page number, 36 bits used of an address of 48. Upper entries hold table
// numbers where hardware has frame numbers; last-level entries hold data frames.
// Invariants: a free table is all zero but for its first word, the link; an upper table holds at
// least one entry unless it is a root. Only tables that exist are ever visited.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

#include "impl/page_arena.h"
#include "impl/pte.h"

namespace cow::impl {

using Vpn = std::uint64_t;
using TableNo = std::uint32_t;  // 0: none

inline constexpr unsigned kLevelBits = 9;
inline constexpr unsigned kTableEntries = 1u << kLevelBits;
inline constexpr unsigned kLevels = 4;

constexpr unsigned level_index(Vpn vpn, unsigned level) {  // level 0 holds the pages' entries
  return static_cast<unsigned>(vpn >> (level * kLevelBits)) & (kTableEntries - 1);
}
constexpr Vpn level_span(unsigned level) { return Vpn{1} << (level * kLevelBits); }

class PageTables {
 public:
  // REQUIRES: every root was released. Tables keep their memory.
  void reset() {
    assert(live_ == 0);
    fail_in_ = 0;
    failed_ = false;
  }

  void fail_at(std::uint32_t nth) { fail_in_ = nth; }
  bool failed() const { return failed_; }
  void clear_failed() { failed_ = false; }
  std::uint32_t live() const { return live_; }

  TableNo make_root() { return alloc(); }  // 0 where none is to be had
  void release_root(TableNo root) { free(root); }

  // The last-level table that maps `vpn`, or null.
  Pte* find(TableNo root, Vpn vpn) const {
    TableNo table = root;
    for (unsigned level = kLevels - 1; level > 0; --level) {
      const Pte e = entries(table)[level_index(vpn, level)];
      if (e == 0) return nullptr;
      table = pte_frame(e);
    }
    return entries(table);
  }
  Pte* find_entry(TableNo root, Vpn vpn) const {
    Pte* table = find(root, vpn);
    return table == nullptr ? nullptr : table + level_index(vpn, 0);
  }

  // The same, made where missing. On failure null, and the tables are as before. ERR-2
  Pte* ensure(TableNo root, Vpn vpn) {
    TableNo table = root;
    for (unsigned level = kLevels - 1; level > 0; --level) {
      Pte& e = entries(table)[level_index(vpn, level)];
      if (e == 0) {
        const TableNo below = alloc();
        if (below == 0) {
          prune(root, vpn);
          return nullptr;
        }
        e = kPresent | kWrite | kUser | kAccessed | (Pte{below} << kFrameShift);
        ++used_[table];
      }
      table = pte_frame(e);
    }
    return entries(table);
  }

  // Calls f(entries, vpn, n) for each run of last-level entries of [first, end) that exists, in
  // order; stops and returns false as soon as f does.
  template <class F> bool for_each_run(TableNo root, Vpn first, Vpn end, F f) const {
    for (Vpn vpn = first; vpn < end;) {
      TableNo table = root;
      unsigned level = kLevels - 1;
      for (; level > 0; --level) {
        const Pte e = entries(table)[level_index(vpn, level)];
        if (e == 0) break;
        table = pte_frame(e);
      }
      // Past what this entry, or this last-level table, spans.
      const Vpn span = level_span(level == 0 ? 1 : level);
      const Vpn next = std::min(end, (vpn / span + 1) * span);
      if (level == 0 &&
          !f(entries(table) + level_index(vpn, 0), vpn, static_cast<unsigned>(next - vpn)))
        return false;
      vpn = next;
    }
    return true;
  }

  // Gives back the last-level tables of [first, end) and what becomes empty above them.
  // REQUIRES: no entry in those tables is set.
  void release_range(TableNo root, Vpn first, Vpn end) {
    for_each_run(root, first, end, [&](Pte*, Vpn vpn, unsigned) {
      const auto path = path_to(root, vpn);
      free(path[0]);
      entries(path[1])[level_index(vpn, 1)] = 0;
      --used_[path[1]];
      prune(root, vpn);
      return true;
    });
  }

  // Tables reachable from a root, itself included; for checks. Of each upper table as many entries
  // are looked for as it says that it holds.
  std::uint32_t count_reachable(TableNo root) const { return count(root, kLevels - 1); }
  // Does each upper table below a root hold as many entries as it says?
  bool holds_what_it_says(TableNo root) const { return says_true(root, kLevels - 1); }

 private:
  Pte* entries(TableNo t) const { return reinterpret_cast<Pte*>(arena_.at(t)); }

  TableNo alloc() {
    if (fail_in_ != 0 && --fail_in_ == 0) {
      failed_ = true;
      return 0;
    }
    TableNo t = free_;
    if (t != 0) {
      free_ = static_cast<TableNo>(entries(t)[0]);
      entries(t)[0] = 0;
    } else {
      if (next_ >= arena_.capacity() && !grow()) {
        failed_ = true;
        return 0;
      }
      t = next_++;
      std::memset(static_cast<void*>(entries(t)), 0, kPageBytes);
    }
    used_[t] = 0;
    ++live_;
    return t;
  }

  void free(TableNo t) {
    entries(t)[0] = free_;
    free_ = t;
    --live_;
  }

  bool grow() {
    try {
      used_.reserve(std::size_t{2} * arena_.capacity() + PageArena::kGranule);
      if (!arena_.grow()) return false;
      used_.resize(arena_.capacity());
    } catch (const std::bad_alloc&) {
      return false;
    }
    return true;
  }

  // The tables on the way to vpn, by level; 0 from where none exists.
  std::array<TableNo, kLevels> path_to(TableNo root, Vpn vpn) const {
    std::array<TableNo, kLevels> path{};
    path[kLevels - 1] = root;
    for (unsigned level = kLevels - 1; level > 0 && path[level] != 0; --level)
      path[level - 1] = pte_frame(entries(path[level])[level_index(vpn, level)]);
    return path;
  }

  // Frees the empty upper tables on the way to vpn, lowest first; never the root.
  void prune(TableNo root, Vpn vpn) {
    const auto path = path_to(root, vpn);
    for (unsigned level = 1; level < kLevels - 1; ++level) {
      if (path[level] == 0) continue;
      if (used_[path[level]] != 0) return;
      free(path[level]);
      entries(path[level + 1])[level_index(vpn, level + 1)] = 0;
      --used_[path[level + 1]];
    }
  }

  std::uint32_t count(TableNo t, unsigned level) const {
    std::uint32_t n = 1;
    if (level == 0) return n;
    const Pte* e = entries(t);
    unsigned left = used_[t];
    for (unsigned i = 0; i < kTableEntries && left > 0; ++i) {
      if (e[i] == 0) continue;
      n += count(pte_frame(e[i]), level - 1);
      --left;
    }
    return n;
  }

  bool says_true(TableNo t, unsigned level) const {
    const Pte* e = entries(t);
    unsigned found = 0;
    for (unsigned i = 0; i < kTableEntries; ++i) {
      if (e[i] == 0) continue;
      if (level > 1 && !says_true(pte_frame(e[i]), level - 1)) return false;
      ++found;
    }
    return found == used_[t];
  }

  PageArena arena_;
  std::vector<std::uint16_t> used_;  // entries set, of upper tables
  TableNo free_ = 0;
  TableNo next_ = 1;
  std::uint32_t live_ = 0;
  std::uint32_t fail_in_ = 0;
  bool failed_ = false;
};

}  // namespace cow::impl

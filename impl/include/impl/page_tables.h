// Four levels of 512-entry tables, as x86-64 walks them.
//
// Units: a Vpn is a virtual page number, 36 bits used of an address of 48. Upper entries hold table
// numbers where hardware has frame numbers; last-level entries hold data frames. An upper table
// says how many entries it holds. Only tables that exist are ever visited.
//
// Thread safety: tables are found and made by any number of threads at once; an entry changes under
// the lock of its table, or by the hardware's compare-and-swap. Tables are taken away by whoever
// holds the address space for writing: first detached, freed when no CPU can be walking them.
//
// The root, too, is known by an entry that points to it (hardware: CR3): `top` below. Where tables
// are shared (impl/detail/share.h), each knows how many point to it besides the first.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "impl/lock_order.h"
#include "impl/pte.h"
#include "impl/table_pool.h"

namespace cow::impl {

using Vpn = std::uint64_t;

inline constexpr unsigned kLevels = 4;

constexpr unsigned level_index(Vpn vpn, unsigned level) {  // level 0 holds the pages' entries
  return static_cast<unsigned>(vpn >> (level * kLevelBits)) & (kTableEntries - 1);
}
constexpr Vpn level_span(unsigned level) { return Vpn{1} << (level * kLevelBits); }

// Of an upper entry, Linux's own: all below is old, whatever its entries say.
inline constexpr Pte kOldBelow = Pte{1} << 10;
inline constexpr Pte kTable = kPresent | kWrite | kUser | kAccessed;  // of a new upper entry

// The bits that an upper entry takes away from all entries below it. Hardware does so with the
// write bit; the accessed bit is taken away by agreement.
constexpr Pte owed_below(Pte upper) {
  static_assert(kOldBelow >> 5 == kAccessed);
  return (~upper & kWrite) | ((upper & kOldBelow) >> 5);
}

template <class Sync> class PageTables : public TablePool<Sync> {
  using Pool = TablePool<Sync>;

 public:
  using Pool::alloc, Pool::entries, Pool::free, Pool::link, Pool::lock, Pool::used;

  // The entry that points to a new root; 0 where none is to be had.
  Pte make_root() {
    const TableNo root = alloc();
    return root == 0 ? 0 : entry_of(root);
  }
  static constexpr Pte entry_of(TableNo t) { return kTable | Pte{t} << kFrameShift; }

  // The last-level entry that maps `vpn`, or null where no table does, and what the entries above
  // take away from it.
  struct Place {
    Pte* entry = nullptr;
    Pte owed = 0;
  };
  Place find_place(Pte top, Vpn vpn) const {
    Pte e = top, owed = owed_below(top);
    for (unsigned level = kLevels - 1; level > 0; --level) {
      e = Sync::load(entries(pte_frame(e))[level_index(vpn, level)]);
      if (e == 0) return {};
      owed |= owed_below(e);
    }
    return {entries(pte_frame(e)) + level_index(vpn, 0), owed};
  }
  Pte* find_entry(Pte top, Vpn vpn) const { return find_place(top, vpn).entry; }

  // The same, with tables made where missing; null where one cannot be had. Tables made above it
  // stay. `none`: a last-level table that is made stands for no page table yet. ERR-2
  Pte* ensure_entry(Pte top, Vpn vpn, bool none = false) {
    TableNo table = pte_frame(top);
    for (unsigned level = kLevels - 1; level > 0; --level) {
      Pte& at = entries(table)[level_index(vpn, level)];
      Pte e = Sync::load(at);
      if (e == 0) e = make_below(table, at, none && level == 1);
      if (e == 0) return nullptr;
      table = pte_frame(e);
    }
    return entries(table) + level_index(vpn, 0);
  }

  // The entry of a table where none was; 0 where none can be had.
  Pte make_below(TableNo table, Pte& at, bool none = false) {
    const TableNo below = alloc();
    if (below == 0) return 0;
    if (none) used(below) = 1;
    const Held<Sync, LockRank::page_table> held(lock(table));
    if (const Pte e = Sync::load(at); e != 0) {  // somebody else was faster
      free(below);
      return e;
    }
    const Pte e = entry_of(below);
    ++used(table);
    Sync::store(at, e);
    return e;
  }

  // Calls f(place, vpn, n) for each run of last-level entries of [first, end) that exists, in
  // order; stops and returns false as soon as f does.
  template <class F> bool for_each_place(Pte top, Vpn first, Vpn end, F f) const {
    for (Vpn vpn = first; vpn < end;) {
      TableNo table = pte_frame(top);
      Pte owed = owed_below(top);
      unsigned level = kLevels - 1;
      for (; level > 0; --level) {
        const Pte e = Sync::load(entries(table)[level_index(vpn, level)]);
        if (e == 0) break;
        owed |= owed_below(e);
        table = pte_frame(e);
      }
      // Past what this entry, or this last-level table, spans.
      const Vpn span = level_span(level == 0 ? 1 : level);
      const Vpn next = std::min(end, (vpn / span + 1) * span);
      if (level == 0 && !f(Place{entries(table) + level_index(vpn, 0), owed}, vpn,
                           static_cast<unsigned>(next - vpn)))
        return false;
      vpn = next;
    }
    return true;
  }
  // The same by f(entries, vpn, n), for whom nothing is taken away.
  template <class F> bool for_each_run(Pte top, Vpn first, Vpn end, F f) const {
    return for_each_place(top, first, end,
                          [&](Place at, Vpn vpn, unsigned n) { return f(at.entry, vpn, n); });
  }

  // Takes the last-level tables of [first, end), and what becomes empty above them, out of the
  // tree, as a chain for free_chain. REQUIRES: no entry in those tables is set, and none will be.
  TableNo detach_range(Pte top, Vpn first, Vpn end) {
    TableNo chain = 0;
    for_each_run(top, first, end, [&](Pte*, Vpn vpn, unsigned) {
      detach_path(pte_frame(top), vpn, chain);
      return true;
    });
    return chain;
  }
  // REQUIRES: no CPU walks them any more.
  void free_chain(TableNo chain) {
    while (chain != 0) {
      const TableNo next = link(chain);
      free(chain);
      chain = next;
    }
  }
  // The whole tree. REQUIRES: nobody walks it, and no last-level entry is set.
  void release_tree(Pte top) { release(pte_frame(top), kLevels - 1); }

  // Tables reachable from a root, itself included; for checks. Of each upper table as many entries
  // are looked for as it says that it holds.
  std::uint32_t count_reachable(Pte top) const { return count(pte_frame(top), kLevels - 1); }
  // Does each upper table below a root hold as many entries as it says?
  bool holds_what_it_says(Pte top) const { return says_true(pte_frame(top), kLevels - 1); }

 private:
  // Clears the entry of the last-level table on the way to vpn, and of what becomes empty above it;
  // never the root's.
  void detach_path(TableNo root, Vpn vpn, TableNo& chain) {
    std::array<TableNo, kLevels> path{};
    path[kLevels - 1] = root;
    for (unsigned level = kLevels - 1; level > 0; --level)
      path[level - 1] = pte_frame(Sync::load(entries(path[level])[level_index(vpn, level)]));
    for (unsigned level = 0; level < kLevels - 1; ++level) {
      if (level > 0 && used(path[level]) != 0) return;
      const TableNo above = path[level + 1];
      const Held<Sync, LockRank::page_table> held(lock(above));
      Sync::store(entries(above)[level_index(vpn, level + 1)], 0);
      --used(above);
      link(path[level]) = chain;
      chain = path[level];
    }
  }

  void release(TableNo t, unsigned level) {
    Pte* e = entries(t);
    for (unsigned i = 0; level > 0 && used(t) > 0; ++i) {
      if (e[i] == 0) continue;
      release(pte_frame(e[i]), level - 1);
      e[i] = 0;
      --used(t);
    }
    free(t);
  }

  std::uint32_t count(TableNo t, unsigned level) const {
    std::uint32_t n = 1;
    if (level == 0) return n;
    const Pte* e = entries(t);
    unsigned left = used(t);
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
    return found == used(t);
  }
};

}  // namespace cow::impl

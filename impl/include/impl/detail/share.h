// Page tables that several address spaces hold, and how one of them gets a path of its own.
//
// A shared table is a copy_pte_range not yet carried out. What fork owes the entries below (no
// write bit; no exclusive page; in the child, no accessed bit) is written once, in the upper entry
// that points to the table (owed_below); the debt is paid when the path is first used for anything
// that changes an entry.
//
// Laws
//   An upper entry with the write bit points to a table that nobody else holds, and owes nothing.
//   A table that nobody else holds may still be owed to: the others have left.
//   A path is owned if all its upper entries have the write bit. Entries change on owned paths
//   only, but for the payment of debts, which nobody sees; hardware changes none on others.
//   Only fork takes ownership away, and it holds the mmap_lock for writing: who has owned a path
//   under the mmap_lock owns it until that is dropped.
//
// Thread safety: who holds a table may let another hold it (others_ grows); holders leave under the
// table's lock, which is taken after the lock of the entry above, and after the entry no longer
// points to it and every CPU that may be walking it was flushed. The last one to leave frees it.
#pragma once

#include <algorithm>
#include <array>

#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/machine.h"
#include "impl/share_run.h"

namespace cow::impl {

// An upper entry that owes, besides what it does, what the entry above it does.
constexpr Pte owe(Pte upper, Pte owed) {
  return (upper & ~(owed & kWrite)) | ((owed & kAccessed) << 5);
}

template <class Build>
typename BasicMachine<Build>::Sync::Lock& BasicMachine<Build>::lock_above(Mm& mm,
                                                                          const Pte& upper) {
  return &upper == &mm.root ? mm.root_lock : tables_.lock_of(&upper);
}

// Pays, in place, what is owed to a table's entries. REQUIRES: the table's lock.
template <class Build>
void BasicMachine<Build>::pay_table(TableNo table, unsigned level, Pte owed) {
  Pte* entries = tables_.entries(table);
  for (unsigned i = 0; i < kTableEntries; ++i) {
    const Pte e = Sync::load(entries[i]);
    if (e == 0) continue;
    const Pte kept = Build::mutated(M::survivor_keeps_write) ? kWrite : 0;
    const Pte paid = level == 0 ? e & ~((owed & ~kept) | kSwapExclusive) : owe(e, owed);
    if (paid != e) Sync::store(entries[i], paid);
    if (level == 0 && pte_present(e) && !pte_special(e) &&
        !Build::mutated(M::survivor_keeps_exclusive))
      frames_.clear_exclusive(pte_frame(e));
  }
}

// `own` becomes the copy that fork would have made of a last-level table. The entries that stay may
// keep their write bits, which are taken away above, but no page is exclusive any more. REQUIRES:
// the lock of `table`; it is the owner's privilege (impl/frames.h) of all its holders.
template <class Build>
void BasicMachine<Build>::copy_last_table(TableNo table, TableNo own, Pte owed) {
  Pte* from = tables_.entries(table);
  Pte* to = tables_.entries(own);
  for (unsigned i = 0; i < kTableEntries;) {
    if constexpr (Build::kSharesRuns) {
      const unsigned run = share_run(from + i, to + i, frames_.states(), kTableEntries - i, true,
                                     !Sync::kConcurrent);
      if ((owed & kAccessed) == 0)  // a run makes all old
        for (unsigned k = i; k < i + run; ++k) to[k] |= from[k] & kAccessed;
      i += run;
    }
    // One by one, until a run may begin again.
    for (const unsigned end = std::min(kTableEntries, i + kBetweenRuns); i < end; ++i) {
      if (i + kPrefetchAhead < kTableEntries)
        frames_.prefetch(pte_frame(Sync::load(from[i + kPrefetchAhead])));
      const Pte e = Sync::load(from[i]);
      if (e == 0) continue;
      if (is_swap_pte(e)) {
        Sync::store(to[i], copy_swap_pte(from[i]));
        continue;
      }
      Sync::store(to[i], e & ~owed);
      if (pte_special(e)) continue;
      const PageFlags flags = frames_.share_own(pte_frame(e));
      if (page_exclusive(flags) && Build::mutated(M::unsharing_keeps_exclusive))
        frames_.set_exclusive(pte_frame(e));
    }
  }
}

// An upper table's copy points to the same tables, which one more holds.
template <class Build>
void BasicMachine<Build>::copy_upper_table(TableNo table, TableNo own, Pte owed) {
  Pte* from = tables_.entries(table);
  Pte* to = tables_.entries(own);
  unsigned left = tables_.used(own) = tables_.used(table);
  for (unsigned i = 0; left > 0; ++i) {
    const Pte e = Sync::load(from[i]);
    if (e == 0) continue;
    Sync::fetch_add(tables_.others(pte_frame(e)), 1);
    if (pte_write(e)) Sync::store(from[i], pte_wrprotect(e));
    Sync::store(to[i], owe(e, owed));
    --left;
  }
}

// Makes the table that `upper` points to this address space's own; false where no table is to be
// had, and then nothing has changed. REQUIRES: the mmap_lock; the path down to `upper` is owned.
template <class Build>
bool BasicMachine<Build>::own_table(Mm& mm, Pte& upper, unsigned level, Vpn vpn) {
  const PageTableLock held_above(lock_above(mm, upper));
  const Pte e = Sync::load(upper);
  if (e == 0 || pte_write(e)) return true;  // somebody else was faster
  const TableNo shared = pte_frame(e);
  const PageTableLock held(tables_.lock(shared));
  if (Sync::load(tables_.others(shared)) == 0) {  // all others have left
    pay_table(shared, level, owed_below(e));
    Sync::store(upper, tables_.entry_of(shared));
    return true;
  }
  const TableNo own = tables_.alloc();
  if (own == 0) return false;
  if (level == 0) tables_.used(own) = tables_.used(shared);
  if (level == 0) copy_last_table(shared, own, owed_below(e));
  else copy_upper_table(shared, own, owed_below(e));
  Sync::store(upper, tables_.entry_of(own));
  const Vpn span = level_span(level + 1), base = vpn / span * span;
  flush(mm, base, base + span);  // nobody of ours walks it now
  if (!Build::mutated(M::unsharing_forgets_old)) Sync::fetch_sub(tables_.others(shared), 1);
  return true;
}

// The last-level entry of `vpn` on a path that is owned, tables made where missing; null where one
// cannot be had. What was owned or made above it stays: nobody sees it. ERR-2
template <class Build> Pte* BasicMachine<Build>::own_entry(Mm& mm, Vpn vpn, bool none) {
  Pte* upper = &mm.root;
  TableNo above = 0;
  for (unsigned level = kLevels - 1;; --level) {
    Pte e = Sync::load(*upper);
    while (!pte_write(e)) {
      const bool had = e == 0 ? tables_.make_below(above, *upper, none && level == 0) != 0
                              : own_table(mm, *upper, level, vpn);
      if (!had) return nullptr;
      e = Sync::load(*upper);
    }
    above = pte_frame(e);
    upper = tables_.entries(above) + level_index(vpn, level);
    if (level == 0) return upper;
  }
}

// Owns the tables on the way to [first, end): all of them, or those that it does not cover.
template <class Build>
bool BasicMachine<Build>::own_tables(Mm& mm, Pte& upper, unsigned level, Vpn base,
                                     const Reach& range) {
  const Vpn end = base + level_span(level + 1);
  if (Sync::load(upper) == 0 || (!range.all && range.covers(base, end))) return true;
  if (!pte_write(Sync::load(upper)) && !own_table(mm, upper, level, base)) return false;
  if (level == 0) return true;
  Pte* entries = tables_.entries(pte_frame(Sync::load(upper)));
  const Vpn span = level_span(level);
  for (Vpn vpn = std::max(base, range.first / span * span); vpn < std::min(end, range.end);
       vpn += span)
    if (!own_tables(mm, entries[level_index(vpn, level)], level - 1, vpn, range)) return false;
  return true;
}
template <class Build> bool BasicMachine<Build>::own_tables(Mm& mm, const Reach& range) {
  if constexpr (Build::kSharesTables) return own_tables(mm, mm.root, kLevels - 1, 0, range);
  return true;
}

template <class Build> bool BasicMachine<Build>::own_edges(Mm& mm, Reach range) {
  if (Build::mutated(M::edges_stay_shared)) return true;
  range.all = false;
  return own_tables(mm, range);
}

// ---- Leaving ----

// One holder less, and with the last one everything below. REQUIRES: no CPU of its walks the table.
template <class Build>
void BasicMachine<Build>::leave_table(TableNo table, unsigned level, Pte owed, unsigned cpu) {
  {
    const PageTableLock held(tables_.lock(table));
    if (Sync::load(tables_.others(table)) != 0) {
      if (!Build::mutated(M::leaving_keeps_hold)) Sync::fetch_sub(tables_.others(table), 1);
      return;
    }
  }
  Pte* entries = tables_.entries(table);
  if (level == 0) drop_entries(entries, owed, cpu);
  for (unsigned i = 0; level > 0 && tables_.used(table) > 0; ++i) {
    const Pte e = entries[i];
    if (e == 0) continue;
    Sync::store(entries[i], 0);
    --tables_.used(table);
    leave_table(pte_frame(e), level - 1, owed | owed_below(e), cpu);
  }
  tables_.free(table);
}

template <class Build>
void BasicMachine<Build>::drop_entries(Pte* entries, Pte owed, unsigned cpu) {
  std::array<FrameNo, kTableEntries> gone;
  unsigned count = 0;
  unmap_pmd(entries, kTableEntries);
  for (unsigned i = 0; i < kTableEntries; ++i) {
    const Pte e = entries[i];
    if (e == 0) continue;
    Sync::store(entries[i], 0);
    if (is_swap_pte(e)) drop_swap_entry(swap_slot(e), cpu);
    else if (!pte_special(e)) gone[count++] = pte_frame(e);
  }
  // References may keep a page, and then show its mark.
  if ((owed & kWrite) != 0 && !Build::mutated(M::leaving_keeps_exclusive))
    for (unsigned i = 0; i < count; ++i) frames_.clear_exclusive(gone[i]);
  drop_mappings(gone.data(), count, cpu);
}

// Takes all entries of a range away. Tables that it covers go as they are where they are not owned,
// and if `all` is said in any case. Entries first, then translations, then pages: ORD-5. REQUIRES:
// those that it does not cover are owned.
template <class Build>
void BasicMachine<Build>::zap_tables(Mm& mm, TableNo table, unsigned level, Vpn base,
                                     const Reach& range, unsigned cpu) {
  const Vpn first = std::max(base, range.first);
  const Vpn end = std::min(base + level_span(level + 1), range.end);
  Pte* entries = tables_.entries(table);
  if (level == 0)
    return zap_pte_range(mm, entries + level_index(first, 0), first,
                         static_cast<unsigned>(end - first), cpu);
  std::array<Pte, kTableEntries> gone;
  unsigned count = 0;
  const Vpn span = level_span(level);
  for (Vpn vpn = first / span * span; vpn < end; vpn += span) {
    Pte& at = entries[level_index(vpn, level)];
    const bool covered = range.covers(vpn, vpn + span);
    if (covered && (gone[count] = detach_table(table, at, range.all)) != 0) {
      ++count;
    } else if (const Pte e = Sync::load(at); e != 0) {
      zap_tables(mm, pte_frame(e), level - 1, vpn, range, cpu);
      const bool empty = range.all && level > 1 && tables_.used(pte_frame(e)) == 0;
      if (empty) gone[count++] = detach_table(table, at, true);
    }
  }
  if (count == 0) return;
  flush(mm, first, end);
  for (unsigned i = 0; i < count; ++i)
    leave_table(pte_frame(gone[i]), level - 1, owed_below(gone[i]), cpu);
}

template <class Build>
void BasicMachine<Build>::unmap_tables(Mm& mm, Pte root, const MappedRegion& region,
                                       std::uint32_t first, std::uint32_t end, unsigned cpu) {
  if (root == 0) return;  // they are gone
  const Reach range = unmap_reach(region, first, end);
  const NotifierRange notified(*this, mm, range.first, range.end);
  zap_tables(mm, pte_frame(root), kLevels - 1, 0, range, cpu);
}

// Clears the upper entry of a table that is not owned, or any; returns it, or 0 where it stays.
template <class Build> Pte BasicMachine<Build>::detach_table(TableNo above, Pte& upper, bool any) {
  const PageTableLock held(tables_.lock(above));
  const Pte e = Sync::load(upper);
  if (e == 0 || (pte_write(e) && !any)) return 0;
  Sync::store(upper, 0);
  --tables_.used(above);
  return e;
}

}  // namespace cow::impl

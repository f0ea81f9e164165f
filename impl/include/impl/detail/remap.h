// Pages that get another place and another name: mremap. Linux: move_vma, move_page_tables.
//
// All that can fail comes before the first entry moves: the name and its place, room for areas, the
// tables here and there. From then on nothing has to be undone.
#pragma once

#include <algorithm>
#include <new>

#include "impl/detail/entry.h"
#include "impl/detail/fault.h"
#include "impl/detail/hugetlb.h"
#include "impl/detail/share.h"
#include "impl/detail/zap.h"
#include "impl/machine.h"

namespace cow::impl {

// The pages [first, end) of a region, which become another's.
template <class Build> struct BasicMachine<Build>::Move {
  MappedRegion& from;
  MappedRegion& to;
  std::uint32_t first, end;

  Vpn old_first() const { return from.vpn(first); }
  Vpn old_end() const { return from.vpn(end); }
  Vpn new_vpn(Vpn vpn) const { return vpn - old_first() + to.base; }
  Reach new_place() const { return {to.base, to.base + to.span, true}; }
};

template <class Build> Outcome BasicMachine<Build>::do_mremap(const Step& s) {
  return change_range(s, [&](Target& t) { return remap_range(s, t); });
}

template <class Build> Outcome BasicMachine<Build>::remap_range(const Step& s, Target& t) {
  Mm& mm = *t.mm;
  MappedRegion& from = *t.region;
  const std::uint32_t end = s.last + 1;
  if (!all_mapped(from.areas, s.first, end)) return Outcome::segv;
  if (Hugetlb{*this}.refuses_to_move(from, s)) return Outcome::inval;  // HUGE-8
  if (const MappedRegion* old = region_of(s.process, s.to); old && !old->areas.empty())
    return Outcome::inval;
  MappedRegion* to = nullptr;
  try {
    to = place_region(mm, s.to, end - s.first);
    if (to == nullptr) return Outcome::oom;
    to->areas.reserve(from.areas.size());
    to->reserved.assign(from.reserved.empty() ? 0 : (end - s.first) / kFolioPages, false);
    from.areas.reserve(from.areas.size() + 1);
  } catch (const std::bad_alloc&) {
    return Outcome::oom;
  }
  const Move move{from, *to, s.first, end};
  const unsigned cpu = cpu_of(s.thread);
  if (!prepare_move(mm, move, cpu)) return Outcome::oom;
  move_page_tables(mm, move, cpu);
  move_vma(move);
  if (from.areas.empty()) free_pgtables(mm, mm.root, reach_of(from, 0, from.pages, true), cpu);
  return Outcome::ok;
}

// Owns the tables of the old place, and has tables in the new one wherever there are some here.
// False: one was not to be had, and nothing has changed. Linux: alloc_new_pmd.
template <class Build>
bool BasicMachine<Build>::prepare_move(Mm& mm, const Move& move, unsigned cpu) {
  if (!own_tables(mm, reach_of(move.from, move.first, move.end, true)) ||
      !own_edges(mm, unmap_reach(move.from, move.first, move.end)) ||
      !own_edges(mm, move.new_place()))
    return false;
  if constexpr (Build::kSharesTables) free_pgtables(mm, mm.root, move.new_place(), cpu);
  const bool made = for_each_moved_run(mm, move, [&](Pte*, Vpn vpn, unsigned) {
    return pte_alloc(mm, move.new_vpn(vpn), true) != nullptr;
  });
  if (!made) free_pgtables(mm, mm.root, move.new_place(), cpu);
  return made;
}

// f(entries, vpn, n) for each run of entries that goes from one table to one other, in order; stops
// and returns false as soon as f does.
template <class Build>
bool BasicMachine<Build>::for_each_moved_run(const Mm& mm, const Move& move, auto f) const {
  return tables_.for_each_run(
      mm.root, move.old_first(), move.old_end(), [&](Pte* entries, Vpn vpn, unsigned n) {
        for (unsigned run = 0; n > 0; entries += run, vpn += run, n -= run) {
          run = std::min(n, kTableEntries - level_index(move.new_vpn(vpn), 0));
          if (!f(entries, vpn, run)) return false;
        }
        return true;
      });
}

template <class Build>
void BasicMachine<Build>::move_page_tables(Mm& mm, const Move& move, unsigned cpu) {
  const NotifierRange range(*this, mm, move.old_first(), move.old_end());
  for_each_moved_run(mm, move, [&](Pte* entries, Vpn vpn, unsigned n) {
    move_ptes(mm, entries, tables_.find_entry(mm.root, move.new_vpn(vpn)), vpn, n, cpu);
    return true;
  });
}

// Both tables' locks are held until no CPU uses the old place. Whoever comes to the entry by its
// page, as Linux's rmap does, holds the new table's lock alone, and would flush the new place
// alone. No count changes: the process maps the page as often as before. MOVE-1 ORD-6
template <class Build>
void BasicMachine<Build>::move_ptes(Mm& mm, Pte* from, Pte* to, Vpn vpn, unsigned n, unsigned cpu) {
  auto& here = tables_.lock_of(from);
  auto& there = tables_.lock_of(to);
  const bool in_order = &here < &there;
  const PageTableLock first(in_order ? here : there);
  const PageTableLock second(in_order ? there : here);
  split_partial(from, n);
  if (tables_.used(tables_.table_of(from)) == 0)  // small pages, or a place of them. HUGE-6
    Sync::store(tables_.used(tables_.table_of(to)), 0);
  bool any = false;
  for (unsigned i = 0; i < n; ++i) {
    if (Sync::load(from[i]) == 0) continue;
    const Pte e = change_entry<Sync>(from[i], [](Pte) { return Pte{0}; });
    Sync::store(to[i], moved(e, cpu));
    any = true;
  }
  if (any && !Build::mutated(M::move_flush_skipped)) flush(mm, vpn, vpn + n);
}

template <class Build> Pte BasicMachine<Build>::moved(Pte e, unsigned cpu) {
  if (Build::mutated(M::moved_page_copied) && pte_present(e) && !pte_special(e)) {  // MOVE-2
    if (const FrameNo page = frames_.alloc(Kind::anon, cpu); page != kNoPage) {
      copy_page(page, pte_frame(e));
      map_new_anon(page);
      drop_mapping(pte_frame(e), cpu);
      e = (e & ~kFrameMask) | Pte{page} << kFrameShift;
    }
  }
  e &= ~kUffdWp;  // the new place is not registered
  return Build::mutated(M::moved_entry_not_soft_dirty) ? e : moved_entry(e);
}

// The areas, and what they show. Who uses the object does not change, only from where.
template <class Build> void BasicMachine<Build>::move_vma(const Move& move) {
  MappedRegion& to = move.to;
  move_range(move.from.areas, to.areas, move.first, move.end);
  for (Area& area : to.areas) area.flags &= ~kVmUffdWp;
  to.at = move.from.at + move.first;
  Hugetlb::move(move.from, to, move.first);
  to.backing = move.from.backing;
  to.share = move.from.share;
  to.object = move.from.object;
  Sync::store(to.pages, move.end - move.first);  // from here on instructions find it
}

}  // namespace cow::impl

// What the system does to a page behind its processes' backs: reclaim, KSM, and in
// impl/detail/migrate.h migration. Each finds all entries that map the page, with every address
// space held for writing. Linux: mm/vmscan.c, mm/ksm.c, and rmap's walks.
#pragma once

#include <new>
#include <type_traits>
#include <vector>

#include "impl/bytes.h"
#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/detail/folio.h"
#include "impl/detail/huge.h"
#include "impl/detail/share.h"
#include "impl/detail/swap.h"
#include "impl/machine.h"

namespace cow::impl {

// The references of the caches.
inline PageCounts cache_references(PageFlags flags) {
  return page_in_cache(flags) || page_swap_cache(flags) ? 1 : 0;
}

// All address spaces, held for writing, in the order of their names. Who is being made is held by
// its parent's.
template <class Build> class BasicMachine<Build>::EveryMm {
 public:
  explicit EveryMm(BasicMachine& machine) : EveryMm(machine.processes_) { take(machine); }
  // None yet.
  explicit EveryMm(const Stable<Sync, Mm>& processes) : processes_(processes) {}
  void take(BasicMachine& machine) {
    if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::take(LockRank::mmap);
    while (held_ < processes_.size()) processes_[held_++].mmap_lock.lock();
    machine.migration_.wait_if_any();
  }
  ~EveryMm() {
    if (held_ == 0) return;
    while (held_ > 0) processes_[--held_].mmap_lock.unlock();
    if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::give(LockRank::mmap);
  }
  EveryMm(const EveryMm&) = delete;
  EveryMm& operator=(const EveryMm&) = delete;

 private:
  const Stable<Sync, Mm>& processes_;
  std::size_t held_ = 0;
};

// An entry that maps a page.
template <class Build> struct BasicMachine<Build>::Mapping {
  Mm* mm;
  MappedRegion* region;
  Vpn vpn;
  VmFlags area;
  Pte* pte = nullptr;
  Pte was = 0;  // while the entry is away
};

// The entry of a step's page, its path owned; null where it cannot be had. REQUIRES: EveryMm.
template <class Build> Pte* BasicMachine<Build>::present_entry(const Slot& at, Outcome& why) {
  Step s;
  s.process = at.process;
  s.region = at.region;
  s.first = s.last = at.page;
  Target t = target_of(s);
  why = find_page(s, t);
  if (why != Outcome::ok) return nullptr;
  why = Outcome::oom;
  const Vpn vpn = t.region->vpn(at.page);
  if (!own_tables(*t.mm, {vpn, vpn + 1, true})) return nullptr;
  why = Outcome::inval;
  Pte* pte = tables_.find_entry(t.mm->root, vpn);
  return pte != nullptr && pte_present(Sync::load(*pte)) ? pte : nullptr;
}

// False where a table, or memory for the list, cannot be had. Linux: rmap_walk.
template <class Build>
bool BasicMachine<Build>::find_mappings(FrameNo page, std::vector<Mapping>& out) {
  return find_mappings_if([&](FrameNo f) { return f == page; }, out);
}
template <class Build>
bool BasicMachine<Build>::find_mappings_if(auto is_page, std::vector<Mapping>& out) {
  try {
    for (std::size_t p = 0; p < processes_.size(); ++p) {
      Mm& mm = processes_[p];
      if (Sync::load(mm.alive) != kAlive) continue;
      for (std::size_t r = 0; r < mm.regions.size(); ++r) {
        MappedRegion& region = mm.regions[r];
        if (region.areas.empty()) continue;
        tables_.for_each_run(
            mm.root, region.base, region.vpn(region.pages), [&](Pte* entries, Vpn vpn, unsigned n) {
              for (unsigned i = 0; i < n; ++i) {
                const Pte e = Sync::load(entries[i]);
                if (!pte_present(e) || !is_page(pte_frame(e))) continue;
                const auto at = static_cast<std::uint32_t>(vpn + i - region.base);
                out.push_back({&mm, &region, vpn + i, find_area(region.areas, at)->flags});
              }
              return true;
            });
      }
    }
  } catch (const std::bad_alloc&) {
    return false;
  }
  for (Mapping& at : out)
    if (!own_tables(*at.mm, {at.vpn, at.vpn + 1, true})) return false;
  for (Mapping& at : out) at.pte = tables_.find_entry(at.mm->root, at.vpn);
  return true;
}

// change(entry) takes the place of the entry, and no CPU uses the old one any more. Returns that.
template <class Build> Pte BasicMachine<Build>::clear_flush(const Mapping& at, auto change) {
  const NotifierRange range(*this, *at.mm, at.vpn, at.vpn + 1);
  const PageTableLock held(tables_.lock_of(at.pte));
  const Pte e = change_entry<Sync>(*at.pte, change);
  flush(*at.mm, at.vpn, at.vpn + 1);
  return e;
}

// ---- Reclaim ----

template <class Build> Outcome BasicMachine<Build>::sys_swapout(const Step& s) {
  const EveryMm all(*this);
  return swap_out({s.process, s.region, s.first}, cpu_of(s.thread), false);
}

// `alone`: leave it if another entry maps the page too. REQUIRES: EveryMm.
template <class Build>
Outcome BasicMachine<Build>::swap_out(const Slot& at, unsigned cpu, bool alone) {
  Outcome why = Outcome::ok;
  const Pte* pte = present_entry(at, why);
  if (pte == nullptr) return why;
  const FrameNo page = pte_frame(Sync::load(*pte));
  const PageFlags flags = frames_.flags(page);
  if (!page_anon(flags) || region_of(at.process, at.region)->hugetlb()) return Outcome::inval;
  std::vector<Mapping> mappings;
  if (!find_mappings(page, mappings)) return Outcome::oom;
  if (alone && mappings.size() != 1 && !Build::mutated(M::pageout_takes_shared))
    return Outcome::busy;
  for (const Mapping& m : mappings)
    if (vm_has(m.area, kVmLocked)) return Outcome::busy;
  const bool given_up = has_mark(frames_.marks(page), kPageGivenUp);
  const auto spared = [&] {  // SWAP-1
    return !given_up && reclaim_spares(rules_, page_counts(page), flags) &&
           !Build::mutated(M::reclaim_takes_pinned);
  };
  if (spared()) return Outcome::busy;
  if (folios_.of(page) != kNoFolio) {
    if (!folio_only_mapped(page)) return Outcome::busy;
    split_folio(page, mappings, cpu);
  }
  for (Mapping& m : mappings) m.was = clear_flush(m, [](Pte) { return Pte{0}; });
  // A fast pin takes no lock: it is seen now, or it finds no entry.
  if (given_up) return GivenUp{*this, cpu}.drop(page, mappings);
  SwapNo slot = 0;
  const bool seen = spared() && !Build::mutated(M::reclaim_looks_once);
  if (seen || !add_to_swap(page, cpu, slot)) {
    for (const Mapping& m : mappings) Sync::store(*m.pte, m.was);
    return Outcome::busy;
  }
  for (const Mapping& m : mappings) try_to_unmap_one(m, page, slot, cpu);
  remove_from_swap_cache(page, slot, cpu);
  return Outcome::ok;
}

template <class Build>
bool BasicMachine<Build>::add_to_swap(FrameNo page, unsigned cpu, SwapNo& slot) {
  const SwapLock device(swap_.lock());
  if (page_swap_cache(frames_.flags(page))) {
    slot = swap_.slot_of(page);
    return true;
  }
  try {
    slot = swap_.add(page);
  } catch (const std::bad_alloc&) {
    return false;
  }
  frames_.get(page, 1);
  frames_.set_kind(page, kSwapCachePage, cpu);
  return true;
}

// What was exclusive keeps that in the entry, while there is no page. SWAP-4
template <class Build>
void BasicMachine<Build>::try_to_unmap_one(const Mapping& at, FrameNo page, SwapNo slot,
                                           unsigned cpu) {
  const Pte exclusive = page_exclusive(frames_.flags(page)) ? kSwapExclusive : 0;
  frames_.clear_exclusive(page);
  const Pte kept = at.was & (kSoftDirty | kUffdWp);
  Sync::store(*at.pte, kSwapEntry | exclusive | Pte{slot} << kFrameShift | kept);
  {
    const SwapLock device(swap_.lock());
    swap_.add_user(slot);  // CNT-5
  }
  at.mm->uncount(Kind::anon, cpu, 1);
  at.mm->count(kSwapEntries, cpu, 1);
  frames_.remove_mapping(page, cpu);
}

// Written out; and gone, unless somebody still holds it. Linux: __remove_mapping. SWAP-2
template <class Build>
void BasicMachine<Build>::remove_from_swap_cache(FrameNo page, SwapNo slot, unsigned cpu) {
  const SwapLock device(swap_.lock());
  if (refcount_of(frames_.counts(page)) != 1 && !Build::mutated(M::reclaim_forgets_holders)) return;
  Sync::touch(frames_.bytes(page), false);
  std::memcpy(swap_.bytes(slot), frames_.bytes(page), kPageBytes);
  swap_.uncache(page);
  frames_.set_kind(page, Kind::anon, cpu);
  frames_.put(page, 1, cpu);
}

// The pages of the step's range whose entries are wanted. False: no memory for the list.
template <class Sync>
bool find_entries(const PageTables<Sync>& tables, Pte root, const MappedRegion& region,
                  const Step& s, auto is_wanted, std::vector<std::uint32_t>& pages) {
  try {
    tables.for_each_run(root, region.vpn(s.first), region.vpn(s.last + 1),
                        [&](const Pte* entries, Vpn vpn, unsigned n) {
                          for (unsigned i = 0; i < n; ++i)
                            if (is_wanted(Sync::load(entries[i])))
                              pages.push_back(static_cast<std::uint32_t>(vpn + i - region.base));
                          return true;
                        });
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

// MADV_PAGEOUT leaves what others map too, and what cannot go. ADV-3
template <class Build> Outcome BasicMachine<Build>::page_out(const Step& s) {
  const EveryMm all(*this);
  Target t;
  if (const Outcome found = find_range(s, t); found != Outcome::ok) return found;
  if (any_has(t.region->areas, s.first, s.last + 1, kVmLocked)) return Outcome::inval;  // LOCK-2
  if (!all_mapped(t.region->areas, s.first, s.last + 1)) return Outcome::segv;
  if (t.region->hugetlb()) return Outcome::inval;  // HUGE-8
  std::vector<std::uint32_t> pages;
  const auto has_page = [](Pte e) { return pte_present(e); };
  if (!find_entries(tables_, t.mm->root, *t.region, s, has_page, pages)) return Outcome::oom;
  for (const std::uint32_t page : pages)
    if (swap_out({s.process, s.region, page}, cpu_of(s.thread), true) == Outcome::oom)
      return Outcome::oom;
  return Outcome::ok;
}

// ---- KSM ----

template <class Build> Outcome BasicMachine<Build>::sys_ksm(const Step& s) {
  const EveryMm all(*this);
  const Slot one{s.process, s.region, s.first}, other{s.child, s.to, s.at};
  Outcome why = Outcome::ok, why_other = Outcome::ok;
  Pte* first = present_entry(one, why);
  Pte* second = present_entry(other, why_other);
  for (const Outcome refusal : {Outcome::nosuch, Outcome::segv, Outcome::inval, Outcome::oom})
    if ((first == nullptr && why == refusal) || (second == nullptr && why_other == refusal))
      return refusal;
  const FrameNo f = pte_frame(Sync::load(*first)), g = pte_frame(Sync::load(*second));
  if (!page_anon(frames_.flags(f)) || !page_anon(frames_.flags(g))) return Outcome::inval;
  if (region_of(one.process, one.region)->hugetlb() ||
      region_of(other.process, other.region)->hugetlb())
    return Outcome::inval;  // HUGE-8
  if (f == g) return Outcome::ok;
  if (std::memcmp(frames_.bytes(f), frames_.bytes(g), kPageBytes) != 0) return Outcome::inval;
  const bool first_is = page_ksm(frames_.flags(f)), second_is = page_ksm(frames_.flags(g));
  if (first_is && second_is) return Outcome::inval;
  if (folios_.of(f) != kNoFolio || folios_.of(g) != kNoFolio)
    if (const Outcome split = split_for_ksm(one, other, cpu_of(s.thread)); split != Outcome::ok)
      return split;
  const Slot& stays = second_is ? other : one;
  const Slot& goes = second_is ? one : other;
  return merge(stays, goes, cpu_of(s.thread));
}

template <class Build>
bool BasicMachine<Build>::ksm_may_take(const Mapping& at, FrameNo page) const {
  const PageFlags flags = frames_.flags(page);
  return page_ksm(flags) || Build::mutated(M::ksm_takes_held) ||
         (only_mapped(frames_.counts(page), cache_references(flags)) &&
          !uffd_wp(at.area, Sync::load(*at.pte)));
}

// The entry as a mapping. REQUIRES: it is present, and owned.
template <class Build>
typename BasicMachine<Build>::Mapping BasicMachine<Build>::mapping_of(const Slot& at) {
  Mm* mm = mm_of(at.process);
  MappedRegion* region = region_of(at.process, at.region);
  const Vpn vpn = region->vpn(at.page);
  return {mm, region, vpn, find_area(region->areas, at.page)->flags,
          tables_.find_entry(mm->root, vpn)};
}

// Both entries are taken away while it is looked whether anybody else holds the pages: the first
// page becomes a KSM page, the second's entry maps it. KSM-1 KSM-2
template <class Build>
Outcome BasicMachine<Build>::merge(const Slot& stays, const Slot& goes, unsigned cpu) {
  std::vector<Mapping> ones, others;  // found so that their tables are owned, and counts exact
  Mapping one = mapping_of(stays), other = mapping_of(goes);
  const FrameNo f = pte_frame(Sync::load(*one.pte)), g = pte_frame(Sync::load(*other.pte));
  if (!find_mappings(f, ones) || !find_mappings(g, others)) return Outcome::oom;
  one = mapping_of(stays);
  other = mapping_of(goes);
  if (!ksm_may_take(one, f) || !ksm_may_take(other, g)) return Outcome::busy;
  const auto take_away = [&](const Mapping& at) {
    const bool trusts = Build::mutated(M::ksm_trusts_read_only) && !pte_write(Sync::load(*at.pte));
    return trusts ? Sync::exchange(*at.pte, 0) : clear_flush(at, [](Pte) { return Pte{0}; });
  };
  const Pte first = take_away(one), second = take_away(other);
  // Until the flush somebody could still write, or take a reference without a lock.
  const bool equal = std::memcmp(frames_.bytes(f), frames_.bytes(g), kPageBytes) == 0;
  const bool held =
      (!ksm_may_take(one, f) || !ksm_may_take(other, g)) && !Build::mutated(M::ksm_looks_once);
  if (held || !equal) {
    Sync::store(*one.pte, first);
    Sync::store(*other.pte, second);
    return equal ? Outcome::busy : Outcome::inval;
  }
  const PageFlags flags = frames_.flags(f);
  if (!page_ksm(flags)) {
    frames_.clear_exclusive(f);
    frames_.set_dirty(f);
    frames_.set_kind(f, page_swap_cache(flags) ? kKsmSwapCachePage : kKsmPage, cpu);
  }
  const bool was_stable = page_ksm(flags);
  const bool stays_so = was_stable || Build::mutated(M::ksm_keeps_write);
  Sync::store(*one.pte, stays_so ? first : first & ~(kWrite | kDirty));
  frames_.add_mapping(f);
  Sync::store(*other.pte, mk_pte(f, other.area));
  frames_.remove_mapping(g, cpu);
  if (frames_.kind(g) != Kind::none) free_swap_cache(g, cpu);
  return Outcome::ok;
}

// MADV_UNMERGEABLE first breaks what was merged. Linux: unmerge_ksm_pages. KSM-3. REQUIRES: the
// mmap_lock for writing.
template <class Build>
Outcome BasicMachine<Build>::unmerge(Target t, std::uint32_t first, std::uint32_t end,
                                     unsigned cpu) {
  for (std::uint32_t page = first; page < end && !Build::mutated(M::unmerge_leaves_merged);
       ++page) {
    t.area = find_area(t.region->areas, page);
    if (!vm_has(t.area->flags, kVmMergeable)) continue;
    const bool unshares = rules_.unmerge_unshares;
    Fault f{*t.mm, *t.region, *t.area, page, !unshares, unshares, cpu};
    const auto at = tables_.find_entry(t.mm->root, f.vpn());
    if (at == nullptr) continue;
    const Pte e = Sync::load(*at);
    if (!pte_present(e) || !page_ksm(frames_.flags(pte_frame(e)))) continue;
    if (handle_mm_fault(f) == Outcome::oom) return Outcome::oom;
  }
  return Outcome::ok;
}

}  // namespace cow::impl

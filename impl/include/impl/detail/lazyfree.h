// MADV_FREE: pages that a process gives up, and reclaim of those that nobody has written since.
// Linux: madvise_free_pte_range, try_to_unmap_one, shrink_page_list.
#pragma once

#include <algorithm>
#include <vector>

#include "impl/detail/entry.h"
#include "impl/detail/folio.h"
#include "impl/detail/huge.h"
#include "impl/detail/reclaim.h"
#include "impl/detail/share.h"
#include "impl/detail/swap.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> struct BasicMachine<Build>::GivenUp {
  BasicMachine& machine;
  unsigned cpu;

  // With every address space held, as reclaim has them: a folio may have to be split.
  Outcome advise(const Step& s) {
    const EveryMm all(machine);
    Target t;
    if (const Outcome found = machine.find_range(s, t); found != Outcome::ok) return found;
    const bool other_kind =
        t.region->has_object() && any_mapped(t.region->areas, s.first, s.last + 1);
    if (other_kind || any_has(t.region->areas, s.first, s.last + 1, kVmLocked))
      return Outcome::inval;  // ADV-4 LOCK-2
    if (!all_mapped(t.region->areas, s.first, s.last + 1)) return Outcome::segv;
    if (t.region->hugetlb()) return Outcome::inval;  // HUGE-8
    if (!machine.own_tables(*t.mm, reach_of(*t.region, s.first, s.last + 1, true)))
      return Outcome::oom;
    std::vector<std::uint32_t> pages;
    const auto has_any = [](Pte e) { return e != 0; };
    if (!find_entries(machine.tables_, t.mm->root, *t.region, s, has_any, pages))
      return Outcome::oom;
    for (const std::uint32_t page : pages)
      if (!give_up({s.process, s.region, page}, s)) return Outcome::oom;
    return Outcome::ok;
  }

  // Reclaim of a page that was given up: it goes, unless somebody wrote it since, or holds it.
  // REQUIRES: its entries are taken away, and flushed: who writes or pins it without a lock is seen
  // now, or finds no entry. SWAP-6
  Outcome drop(FrameNo page, const std::vector<Mapping>& mappings) {
    const PageMarks marks = machine.frames_.marks(page);
    const bool written =
        std::any_of(mappings.begin(), mappings.end(),
                    [&](const Mapping& at) { return written_since(at.was, marks); }) &&
        !Build::mutated(M::drop_asks_no_entry);
    const bool held = stays_for_holders(machine.rules_, machine.frames_.counts(page)) &&
                      !Build::mutated(M::drop_asks_no_holder);
    if (written) {
      machine.frames_.unmark(page, kPageGivenUp);
      machine.frames_.set_dirty(page);
    }
    for (const Mapping& at : mappings) {
      if (written || held) {
        Sync::store(*at.pte, at.was);
        continue;
      }
      at.mm->uncount(Kind::anon, cpu, 1);
      machine.drop_mapping(page, cpu);
    }
    return written || held ? Outcome::busy : Outcome::ok;
  }

 private:
  // One entry. False: no memory to find who else maps its folio. ADV-4
  bool give_up(const Slot& slot, const Step& range) {
    const Mapping at = machine.mapping_of(slot);
    const Pte e = Sync::load(*at.pte);
    if (is_swap_pte(e)) {
      drop_swapped(at);
      return true;
    }
    if (pte_special(e)) return true;
    const FrameNo page = pte_frame(e);
    if (machine.folios_.of(page) != kNoFolio) {
      bool stays = false;
      if (!make_small(at, page, range, stays)) return false;
      if (stays) return true;
    }
    const PageMarks marks = machine.frames_.marks(page);
    if (needs_only_mapper(marks, machine.frames_.flags(page)) && !take_mark(page)) return true;
    machine.frames_.mark(page, kPageGivenUp);
    if (!Build::mutated(M::free_leaves_dirty))
      machine.clear_flush(at, [](Pte was) { return was & ~(kDirty | kAccessed); });
    return true;
  }
  void drop_swapped(const Mapping& at) {
    const Pte e = machine.clear_flush(at, [](Pte) { return Pte{0}; });
    machine.drop_swap_entry(swap_slot(e), cpu);
    at.mm->uncount(kSwapEntries, cpu, 1);
  }
  // False: others map the page too, or it stays in the swap cache.
  bool take_mark(FrameNo page) {
    if (machine.frames_.mapped(page) != 1 && !Build::mutated(M::free_takes_shared)) return false;
    {
      const SwapLock device(machine.swap_.lock());
      machine.try_to_free_swap(page, cpu);
    }
    if (page_swap_cache(machine.frames_.flags(page))) return false;
    machine.frames_.unmark(page, kPageDirty);
    return true;
  }
  // A huge page is given up as one where all of it is; else its folio is split, and `stays` as it
  // is where that cannot be.
  bool make_small(const Mapping& at, FrameNo page, const Step& range, bool& stays) {
    const std::uint32_t first = (range.first + kFolioPages - 1) / kFolioPages * kFolioPages;
    const auto here = static_cast<std::uint32_t>(at.vpn - at.region->base);
    const std::uint32_t start = here / kFolioPages * kFolioPages;
    if (is_huge(Sync::load(*at.pte)) && start >= first && start + kFolioPages <= range.last + 1) {
      stays = machine.folios_.counts(machine.folios_.of(page), machine.frames_).most != 1;
      return true;
    }
    stays = machine.frames_.mapped(page) != 1 || !machine.folio_only_mapped(page);
    if (stays) return true;
    std::vector<Mapping> mappings;
    if (!machine.find_mappings(page, mappings)) return false;
    machine.split_folio(page, mappings, cpu);
    return true;
  }
};

}  // namespace cow::impl

// MADV_COLLAPSE: what 512 small pages show becomes one huge page, a copy. Linux: madvise_collapse,
// collapse_huge_page.
#pragma once

#include <algorithm>
#include <array>

#include "impl/detail/access.h"
#include "impl/detail/fault.h"
#include "impl/detail/folio.h"
#include "impl/detail/huge.h"
#include "impl/detail/reclaim.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> struct BasicMachine<Build>::Collapse {
  BasicMachine& machine;
  unsigned cpu;

  // With every address space held, so that counts stand still.
  Outcome advise(const Step& s) {
    const EveryMm all(machine);
    Target t;
    if (const Outcome found = machine.find_range(s, t); found != Outcome::ok) return found;
    if (!all_mapped(t.region->areas, s.first, s.last + 1)) return Outcome::segv;
    if (!machine.rules_.collapses || t.region->backing == Backing::file) return Outcome::inval;
    if (t.region->has_object()) return Outcome::ok;
    if (t.region->hugetlb()) return Outcome::inval;  // HUGE-8
    const Reach reach = reach_of(*t.region, s.first, s.last + 1, true);
    if (!machine.own_tables(*t.mm, reach)) return Outcome::oom;
    Outcome outcome = Outcome::ok;  // busy: what could be collapsed was
    for (std::uint32_t page = s.first; page <= s.last;) {
      t.area = find_area(t.region->areas, page);
      const std::uint32_t end = std::min(t.area->end, s.last + 1);
      if (!holds_huge(*t.area) || vm_has(t.area->flags, kVmNoHugePage)) return Outcome::inval;
      const std::uint32_t from = up(page), to = end / kFolioPages * kFolioPages;
      if (from > to) return Outcome::inval;
      for (std::uint32_t at = from; at < to; at += kFolioPages) {
        const Outcome done = collapse(t, at);
        if (done == Outcome::busy) outcome = done;
        else if (done != Outcome::ok) return done;
      }
      page = end;
    }
    return outcome;
  }

 private:
  static std::uint32_t up(std::uint32_t page) {
    return (page + kFolioPages - 1) / kFolioPages * kFolioPages;
  }
  static bool holds_huge(const Area& area) { return up(area.first) + kFolioPages <= area.end; }

  // The 512 pages from `first` on. HUGE-7
  Outcome collapse(Target& t, std::uint32_t first) {
    Pte* group = machine.tables_.find_entry(t.mm->root, t.region->vpn(first));
    if (group == nullptr) return Outcome::inval;
    if (is_huge(Sync::load(*group))) return Outcome::ok;
    if (const Outcome why = refusal(*t.area, group); why != Outcome::ok) return why;
    const FolioNo folio = machine.alloc_folio(cpu, true);
    if (folio == kNoFolio) return Outcome::oom;
    if (!swap_in(t, first, group)) {
      machine.free_folio(folio, cpu);
      return Outcome::inval;
    }
    Sync::store(machine.huge_, 1);
    switch_to(t, first, group, folio);
    return Outcome::ok;
  }
  Outcome refusal(const Area& area, const Pte* group) const {
    bool any = false, none = false, marked = false, held = false;
    for (unsigned i = 0; i < kTableEntries; ++i) {
      const Pte e = Sync::load(group[i]);
      any = any || e != 0;
      none = none || e == 0;
      marked = marked || pte_uffd_wp(e);
      held = held || is_held(e);
    }
    const bool watched = vm_has(area.flags, kVmUffdWp) && (none || marked);
    if (!any || area.anon_vma == AnonVma::none || watched) return Outcome::inval;
    return held && !Build::mutated(M::collapse_takes_held) ? Outcome::busy : Outcome::ok;
  }
  bool is_held(Pte e) const {
    if (!pte_present(e) || pte_special(e)) return false;
    const FrameNo page = pte_frame(e);
    if (machine.folios_.of(page) != kNoFolio) return !machine.folio_only_mapped(page);
    return !only_mapped(machine.frames_.counts(page),
                        cache_references(machine.frames_.flags(page)));
  }
  // False: a page could not be had.
  bool swap_in(const Target& t, std::uint32_t first, const Pte* group) {
    for (unsigned i = 0; i < kTableEntries; ++i) {
      if (!is_swap_pte(Sync::load(group[i]))) continue;
      Fault f{*t.mm, *t.region, *t.area, first + i, false, false, cpu};
      if (machine.handle_mm_fault(f) == Outcome::oom) return false;
    }
    return true;
  }
  // No CPU uses an old entry any more when its page is copied.
  void switch_to(Target& t, std::uint32_t first, Pte* group, FolioNo folio) {
    const Vpn base = t.region->vpn(first);
    const NotifierRange range(machine, *t.mm, base, base + kFolioPages);
    std::array<Pte, kTableEntries> old;
    Fault f{*t.mm, *t.region, *t.area, first, true, false, cpu};
    f.pte = group;
    {
      const PageTableLock held(machine.tables_.lock_of(group));
      for (unsigned i = 0; i < kTableEntries; ++i) old[i] = Sync::exchange(group[i], 0);
      machine.flush(*t.mm, base, base + kFolioPages);
      for (unsigned i = 0; i < kTableEntries; ++i) {
        const bool shows = pte_present(old[i]) && !pte_special(old[i]);
        if (shows && !Build::mutated(M::collapse_zeroes))
          machine.copy_page(machine.folios_.pages(folio)[i], pte_frame(old[i]));
      }
      machine.map_folio(f, folio);
      Sync::store(machine.tables_.used(machine.tables_.table_of(group)), 1);
    }
    drop(*t.mm, old);
  }
  void drop(Mm& mm, const std::array<Pte, kTableEntries>& old) {
    std::array<FrameNo, kTableEntries> pages;
    unsigned n = 0;
    for (const Pte e : old)
      if (pte_present(e) && !pte_special(e)) pages[n++] = pte_frame(e);
    mm.uncount(Kind::anon, cpu, n);
    machine.drop_mappings(pages.data(), n, cpu);
  }
};

}  // namespace cow::impl

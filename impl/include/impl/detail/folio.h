// Large folios, whoever maps them and how: their counts as the decisions ask for them, their
// beginning and end, and what the system does to them behind the processes' backs.
#pragma once

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

// A page's counts as Linux has them: the references to a large folio are those to all of it.
template <class Build> PageCounts BasicMachine<Build>::page_counts(FrameNo page) const {
  const PageCounts own = frames_.counts(page);
  const FolioNo folio = folios_.of(page);
  if (folio == kNoFolio) return own;
  return (own & ~kRefcountMask) | folios_.counts(folio, frames_).references();
}

// May a write fault keep a page of a large folio that entries map one by one? That it is mapped
// once, and held for that alone, is asked of the page itself too: entries of other pages may come
// and go meanwhile. REQUIRES: the table's lock. HUGE-5
template <class Build>
bool BasicMachine<Build>::may_reuse_large(const Fault& f, FrameNo page,
                                          const RuleBits<bool>& rules) {
  const FolioNo folio = folios_.of(page);
  const FolioCounts all = folios_.counts(folio, frames_);
  const std::uint64_t mapped = asks_most_mapped(rules) ? all.most : frames_.mapped(page);
  const PageFlags flags = frames_.flags(page);
  if (large_page_reuse(rules, PageCounts{mapped << kMapcountShift | all.references()}, flags))
    return true;
  const bool alone = frames_.mapped(page) == 1 && frames_.held(page) == 1;
  if (!alone || !large_folio_reuse(rules, all.mappings(), all.mappings(), all.references()))
    return false;
  return large_folio_reuse(rules, all.mappings(), own_mappings(f, folio, all.mappings()),
                           all.references());
}

// How many of the folio's mappings are the process's, as far as `enough`. Most stand in one table.
template <class Build>
std::uint64_t BasicMachine<Build>::own_mappings(const Fault& f, FolioNo folio,
                                                std::uint64_t enough) const {
  std::uint64_t found = 0;
  const auto count_run = [&](const Pte* entries, Vpn, unsigned n) {
    for (unsigned i = 0; i < n; ++i) {
      const Pte e = Sync::load(entries[i]);
      if (!pte_present(e) || pte_special(e) || folios_.of(pte_frame(e)) != folio) continue;
      ++found;
      if (is_huge(e)) break;
    }
    return found < enough;
  };
  const Vpn here = f.vpn() / kTableEntries * kTableEntries;
  if (!tables_.for_each_run(f.mm.root, here, here + kTableEntries, count_run)) return found;
  found = 0;
  for (std::size_t r = 0; r < f.mm.regions.size(); ++r) {
    const MappedRegion& region = f.mm.regions[r];
    if (region.areas.empty() || region.has_object()) continue;
    if (!tables_.for_each_run(f.mm.root, region.base, region.vpn(region.pages), count_run)) break;
  }
  return found;
}

// ---- Beginning and end ----

// 512 pages that nobody knows, in one allocation; kNoFolio where they are not to be had.
template <class Build> FolioNo BasicMachine<Build>::alloc_folio(unsigned cpu, bool zeroed) {
  const FolioNo folio = folios_.take();
  const auto on_page = [&](FrameNo page, bool is_zero) {
    if (!zeroed || is_zero) return;
    Sync::touch(frames_.bytes(page), true);
    std::memset(frames_.bytes(page), 0, kPageBytes);
  };
  if (folio != kNoFolio && !frames_.alloc_all(Kind::anon, cpu, folios_.pages(folio), on_page)) {
    folios_.give_back(folio);
    return kNoFolio;
  }
  return folio;
}

// One that did not begin.
template <class Build> void BasicMachine<Build>::free_folio(FolioNo folio, unsigned cpu) {
  for (const FrameNo page : folios_.pages(folio)) frames_.free(page, cpu);
  folios_.give_back(folio);
}

// References go; and with the last one of a large folio all of it.
template <class Build>
void BasicMachine<Build>::put_page(FrameNo page, std::uint32_t references, unsigned cpu) {
  frames_.put(page, references, cpu);
  if (folios_.any()) folios_.free_if_unused(page, frames_, cpu);
}

// The same after entries went: folios are asked once for pages in a row.
template <class Build>
void BasicMachine<Build>::free_unused_folios(const FrameNo* pages, unsigned n, unsigned cpu) {
  FolioNo asked = kNoFolio;
  for (unsigned i = 0; i < n && folios_.any(); ++i) {
    const FolioNo folio = folios_.of(pages[i]);
    if (folio != kNoFolio && folio != asked) folios_.free_if_unused(pages[i], frames_, cpu);
    asked = folio;
  }
}

// ---- Behind the processes' backs ----

// Is nothing but entries of the page's folio to be reckoned with? Linux: can_split_folio.
template <class Build> bool BasicMachine<Build>::folio_only_mapped(FrameNo page) const {
  return folios_.counts(folios_.of(page), frames_).others == 0;
}

// The page's folio becomes 512 ordinary pages, of which those that are not mapped are free. `all`
// are the page's mappings. REQUIRES: EveryMm; only entries hold the folio. Linux:
// split_huge_page_to_list.
template <class Build>
void BasicMachine<Build>::split_folio(FrameNo page, const std::vector<Mapping>& all, unsigned cpu) {
  for (const Mapping& at : all) {
    const PageTableLock held(tables_.lock_of(at.pte));
    if (is_huge(Sync::load(*at.pte))) split_pmd(at.pte);
  }
  folios_.split(folios_.of(page), frames_, cpu);
}

// KSM merges ordinary pages: two candidates of which one is of a large folio. REQUIRES: EveryMm;
// both are present, anonymous, and not both KSM pages. Linux: split_huge_page in
// try_to_merge_one_page.
template <class Build>
Outcome BasicMachine<Build>::split_for_ksm(const Slot& one, const Slot& other, unsigned cpu) {
  const std::array<Slot, 2> slots = {one, other};
  const auto page_of = [](const Mapping& at) { return pte_frame(Sync::load(*at.pte)); };
  const auto is_large = [&](const Mapping& at) { return folios_.of(page_of(at)) != kNoFolio; };
  // Found so that their tables are owned, and counts exact.
  std::array<std::vector<Mapping>, 2> all;
  for (unsigned i = 0; i < 2; ++i)
    if (!find_mappings(page_of(mapping_of(slots[i])), all[i])) return Outcome::oom;
  for (const Slot& slot : slots) {
    const Mapping at = mapping_of(slot);
    const bool marked = uffd_wp(at.area, Sync::load(*at.pte));
    if (is_large(at) ? marked || !folio_only_mapped(page_of(at)) : !ksm_may_take(at, page_of(at)))
      return Outcome::busy;
  }
  for (unsigned i = 0; i < 2; ++i)
    if (const Mapping at = mapping_of(slots[i]); is_large(at))
      split_folio(page_of(at), all[i], cpu);
  return Outcome::ok;
}

// All of a folio moves, its mappings huge or small as they are. REQUIRES: EveryMm. MIG-1
template <class Build> Outcome BasicMachine<Build>::migrate_folio(FrameNo page, unsigned cpu) {
  const FolioNo folio = folios_.of(page);
  const auto held = [&] {
    return !folio_only_mapped(page) && !Build::mutated(M::migration_leaves_holders);
  };
  std::vector<Mapping> mappings;
  std::vector<Pte> were;
  try {
    if (!find_mappings_if([&](FrameNo f) { return folios_.of(f) == folio; }, mappings))
      return Outcome::oom;
    were.resize(mappings.size());
  } catch (const std::bad_alloc&) {
    return Outcome::busy;
  }
  if (held()) return Outcome::busy;
  const FolioNo to = alloc_folio(cpu, false);
  if (to == kNoFolio) return Outcome::busy;
  for (std::size_t i = 0; i < were.size(); ++i)
    were[i] = clear_flush(mappings[i], [](Pte) { return Pte{0}; });
  const bool moves = !held();
  if (moves) move_folio(folio, to);
  const FolioPages &old = folios_.pages(folio), &fresh = folios_.pages(to);
  for (std::size_t i = 0; i < were.size(); ++i) {
    const auto nth = std::find(old.begin(), old.end(), pte_frame(were[i])) - old.begin();
    Sync::store(*mappings[i].pte,
                moves ? migrated_entry(were[i], fresh[static_cast<std::size_t>(nth)]) : were[i]);
  }
  if (!moves) {
    free_folio(to, cpu);
    return Outcome::busy;
  }
  for (auto pmds = folios_.pmds(folio); pmds > 0; --pmds) folios_.remove_pmd(folio);
  for (const Pte e : were) frames_.remove_mapping(pte_frame(e), cpu);
  folios_.free_if_unused(page, frames_, cpu);
  return Outcome::ok;
}

// Bytes, marks and mappings.
template <class Build> void BasicMachine<Build>::move_folio(FolioNo from, FolioNo to) {
  for (unsigned i = 0; i < kFolioPages; ++i) {
    const FrameNo page = folios_.pages(from)[i], fresh = folios_.pages(to)[i];
    copy_page(fresh, page);
    auto more = frames_.mapped(page);
    if (more != 0) frames_.map_first(fresh, Kind::anon, page_exclusive(frames_.flags(page)));
    for (; more > 1; --more) frames_.add_mapping(fresh);
    frames_.mark(fresh, frames_.marks(page));
  }
  folios_.begin(to, folios_.pmds(from), frames_);
}

}  // namespace cow::impl

// What is cached, recomputed from the entries and references, and compared. STYLE: derive-or-check.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> struct BasicMachine<Build>::Census {
  std::vector<std::uint64_t> mapcount, refcount;  // by frame
  Counters rss{};                                 // of the process at hand
  Counters allocated{};                           // pages, by kind
  std::vector<std::uint64_t> mapped_pages;        // by object
  std::vector<std::uint64_t> swapped;             // entries, by swap slot
  std::vector<std::uint64_t> pmds;                // by large folio
  std::uint32_t tables = 0;
  std::optional<std::string> wrong;  // the first thing found

  template <class... Part> void expect(bool holds, const char* what, Part... at) {
    if (holds || wrong) return;
    wrong = what;
    ((*wrong += ' ', *wrong += std::to_string(at)), ...);
  }
};

template <class Build> std::optional<std::string> BasicMachine<Build>::check_counts() const {
  Census census;
  census.mapcount.resize(frames_.end());
  census.refcount.resize(frames_.end());
  census.mapped_pages.resize(cache_.objects());
  census.pmds.resize(folios_.end());
  for (std::size_t p = 0; p < processes_.size(); ++p)
    if (processes_[p].alive == kAlive) count_process(processes_[p], census);
  count_references(census);
  check_swap(census);
  if constexpr (Build::kSharesTables) check_sharing(census);
  compare_counts(census);
  compare_folios(census);
  return census.wrong;
}

template <class Build> std::optional<std::string> BasicMachine<Build>::check_tables() const {
  for (std::size_t p = 0; p < processes_.size(); ++p)
    if (processes_[p].alive == kAlive && !tables_.holds_what_it_says(processes_[p].root))
      return "an upper table holds other than it says, process " + std::to_string(p);
  return std::nullopt;
}

template <class Build> void BasicMachine<Build>::count_process(const Mm& mm, Census& census) const {
  census.rss = {};
  if constexpr (!Build::kSharesTables) census.tables += tables_.count_reachable(mm.root);
  for (std::size_t r = 0; r < mm.regions.size(); ++r) {
    const MappedRegion& region = mm.regions[r];
    std::uint32_t end = 0;
    for (const Area& a : region.areas) {
      census.expect(end <= a.first && a.first < a.end && a.end <= region.pages,
                    "areas overlap or lie outside at page", a.first);
      end = a.end;
      if (region.has_object()) census.mapped_pages[region.object] += a.end - a.first;
    }
    if (region.areas.empty()) continue;
    const auto count_run = [&](const auto& run, Vpn vpn, unsigned n) {
      count_group(run.entry, n, census);
      for (unsigned i = 0; i < n; ++i) {
        if (run.entry[i] == 0) continue;
        const auto page = static_cast<std::uint32_t>(vpn + i - region.base);
        count_entry(region, find_area(region.areas, page), run.entry[i] & ~run.owed, census);
      }
      return true;
    };
    tables_.for_each_place(mm.root, region.base, region.vpn(region.pages), count_run);
  }
  census.expect(census.rss == exact_rss(mm), "CNT-3: rss differs in process", mm.id);
}

template <class Build>
void BasicMachine<Build>::count_entry(const MappedRegion& region, const Area* area, Pte entry,
                                      Census& census) const {
  const FrameNo f = pte_frame(entry);
  if (is_swap_pte(entry)) return count_swap_entry(area, entry, census);
  census.expect(pte_present(entry), "an entry is set but not present, frame", f);
  census.expect(area != nullptr, "EXIT-1: an entry outside of every area, frame", f);
  census.expect(frames_.known(f), "an entry maps a frame never allocated", f);
  if (census.wrong) return;
  const PageFlags flags = exact_flags(f);
  const bool anon = page_anon(flags);
  census.expect(!vm_has(area->flags, kVmHugeTlb) || is_huge(entry),
                "HUGE-8: a small entry in hugetlb memory, frame", f);
  census.expect(!kind_is(flags, Kind::none), "an entry maps a free frame", f);
  census.expect(pte_special(entry) == (f == kZeroPage), "special and zero page differ, frame", f);
  if (pte_write(entry)) {
    census.expect(f != kZeroPage, "ZERO-2: a writable entry maps the zero page");
    census.expect(!uffd_wp(area->flags, entry), "WP-2: writable, and marked, frame", f);
    census.expect(!page_ksm(flags), "KSM-2: a writable entry of a KSM page, frame", f);
    census.expect(vm_has(area->flags, kVmWrite), "WP-5: writable entry in a ro area, frame", f);
    const bool private_ = is_cow_mapping(area->flags);
    census.expect(!private_ || anon, "INT-1: a private writable entry of a cache page", f);
    census.expect(!private_ || mapcount_of(exact_counts(f)) == 1,
                  "ISO-1: a private writable entry of a shared page", f);
    census.expect(!private_ || !rules_.tracks_exclusive || page_exclusive(flags),
                  "REUSE-4: a private writable entry of a page not exclusive", f);
  }
  census.expect(!anon || region.share == Share::private_, "SHM-1: anon page in shared memory", f);
  census.expect(!anon || area->anon_vma != AnonVma::none, "anon page, no anon_vma, frame", f);
  if (f == kZeroPage) return;
  ++census.mapcount[f];
  ++census.refcount[f];
  ++census.rss[slot_of(rss_kind(flags))];
}

// A huge page's entries are alike but for hardware's bits, and map a folio in order.
template <class Build>
void BasicMachine<Build>::count_group(const Pte* entries, unsigned n, Census& census) const {
  constexpr Pte kMayDiffer = kFrameMask | kAccessed | kDirty | kSoftDirty;
  const Pte first = *entries;
  const TableNo table = tables_.table_of(entries);
  const FrameNo page = pte_frame(first);
  const bool huge = is_huge(first);
  for (unsigned i = 0; i < n; ++i) {
    census.expect(is_huge(entries[i]) == huge, "HUGE-6: a part of a group is huge, table", table);
    census.expect(huge || entries[i] == 0 || tables_.used(table) == 0,
                  "HUGE-6: a small page where no page table is, table", table);
    census.expect(!huge || ((entries[i] ^ first) & ~kMayDiffer) == 0,
                  "HUGE-6: a huge page's entries differ, table", table);
  }
  if (!huge || census.wrong) return;
  census.expect(n == kTableEntries && pte_present(first) && tables_.used(table) != 0,
                "HUGE-6: a huge page is cut, or not there, table", table);
  const FolioNo folio = folios_.of(page);
  census.expect(pte_special(first) || folio != kNoFolio, "a huge page of no folio, frame", page);
  if (census.wrong) return;
  for (unsigned i = 0; i < n; ++i)
    census.expect(
        pte_frame(entries[i]) == (pte_special(first) ? kZeroPage : folios_.pages(folio)[i]),
        "HUGE-6: a huge page's frames are not its folio's, table", table);
  if (!pte_special(first)) ++census.pmds[folio];
}

template <class Build>
void BasicMachine<Build>::count_swap_entry(const Area* area, Pte entry, Census& census) const {
  const SwapNo slot = swap_slot(entry);
  census.expect(area != nullptr, "EXIT-1: a swap entry outside of every area, slot", slot);
  census.expect((entry & (kWrite | kPresent | kProtNone)) == 0, "a swap entry grants, slot", slot);
  census.expect(slot < swap_.slots(), "a swap entry names no slot:", slot);
  if (census.wrong) return;
  if (census.swapped.size() < swap_.slots()) census.swapped.resize(swap_.slots());
  ++census.swapped[slot];
  ++census.rss[slot_of(kSwapEntries)];
}

// Each page in the swap cache, and what entries say of each slot. CNT-5
template <class Build> void BasicMachine<Build>::check_swap(Census& census) const {
  census.swapped.resize(swap_.slots());
  for (SwapNo n = 0; n < swap_.slots(); ++n) {
    const FrameNo page = swap_.page(n);
    if (!Build::kSharesTables)
      census.expect(swap_.users(n) == census.swapped[n], "CNT-5: entries that name slot", n);
    census.expect((swap_.users(n) != 0) == (census.swapped[n] != 0), "CNT-5: users of slot", n);
    if (page == kNoPage) continue;
    census.expect(page_swap_cache(frames_.flags(page)), "a slot's page is not in the cache", n);
    census.expect(swap_.users(n) != 0 || frames_.mapped(page) != 0,
                  "SWAP-3: a page stays in the swap cache for nobody, slot", n);
    ++census.refcount[page];
  }
}

template <class Build> void BasicMachine<Build>::count_references(Census& census) const {
  for (std::size_t r = 0; r < refs_.size(); ++r) {
    const Gup& ref = refs_[r];
    if (!ref.live || ref.frame == kZeroPage) continue;
    census.expect(frames_.known(ref.frame) && frames_.kind(ref.frame) != Kind::none,
                  "a reference to a free frame", ref.frame);
    census.refcount[ref.frame] += ref.pin ? kPinBias : 1;
  }
  for (const Stray& stray : strays_)
    if (stray.frame != kZeroPage) ++census.refcount[stray.frame];
  for (ObjectNo o = 0; o < cache_.objects(); ++o) {
    const auto& object = cache_.object(o);
    census.expect(object.mapped_pages == census.mapped_pages[o], "mapped pages of object", o);
    cache_.for_each(o, [&](std::uint32_t page, FrameNo f) {
      census.expect(frames_.kind(f) == object.kind, "wrong kind in the page cache, page", page);
      ++census.refcount[f];
    });
  }
}

// What shared tables say of themselves, and that the stored counts are those of tables.
template <class Build> void BasicMachine<Build>::check_sharing(Census& out) const {
  const TableCensus<Sync>& seen = census();
  std::vector<std::uint32_t> stored(frames_.end());
  seen.for_each_table([&](TableNo t, unsigned level) {
    const std::uint32_t holders = seen.holders(t);
    out.expect(holders == tables_.others(t) + 1, "holders of table", t, holders);
    out.expect(holders == 1 || !seen.writable_above(t), "a shared table, writable above", t);
    for (unsigned i = 0; level == 0 && i < kTableEntries; ++i)
      if (const Pte e = tables_.entries(t)[i]; pte_present(e) && pte_frame(e) < stored.size())
        ++stored[pte_frame(e)];
  });
  for (FrameNo f = kZeroPage + 1; f < frames_.end(); ++f)
    if (frames_.kind(f) != Kind::none)
      out.expect(frames_.mapped(f) == stored[f], "CNT-1: entries in tables of frame", f);
  out.tables = seen.reached();
}

template <class Build> void BasicMachine<Build>::compare_folios(Census& census) const {
  folios_.for_each([&](FolioNo n) {
    std::uint64_t references = 0;
    for (const FrameNo f : folios_.pages(n)) {
      census.expect(folios_.of(f) == n, "a frame of another folio", f);
      census.expect(frames_.kind(f) == Kind::anon, "a large folio's frame is not anonymous", f);
      references += census.refcount[f];
    }
    census.expect(folios_.pmds(n) == census.pmds[n], "HUGE-6: PMD mappings of folio", n);
    census.expect(references != 0, "ERR-2: a folio that nobody holds", n);
    census.expect(
        folios_.counts(n, frames_).references() == references - census.pmds[n] * (kFolioPages - 1),
        "CNT-2: references of folio", n);
  });
}

template <class Build> void BasicMachine<Build>::compare_counts(Census& census) const {
  for (FrameNo f = kZeroPage + 1; f < frames_.end(); ++f) {
    if (frames_.kind(f) == Kind::none) {
      census.expect(census.refcount[f] == 0, "a free frame is in use", f);
      continue;
    }
    ++census.allocated[frames_.flags(f) & kKindMask];
    const PageCounts counts = exact_counts(f);
    census.expect(mapcount_of(counts) == census.mapcount[f], "CNT-1: mapcount of frame", f);
    census.expect(refcount_of(counts) == census.refcount[f], "CNT-2: refcount of frame", f);
    census.expect(census.refcount[f] != 0 || folios_.of(f) != kNoFolio,
                  "ERR-2: a frame that nobody holds", f);
    census.expect(!page_exclusive(exact_flags(f)) || census.mapcount[f] <= 1,
                  "REUSE-4: an exclusive page with several mappings", f);
  }
  for (const Kind k :
       {Kind::anon, Kind::file, Kind::shmem, kKsmPage, kSwapCachePage, kKsmSwapCachePage})
    census.expect(census.allocated[slot_of(k)] == frames_.allocated(k), "allocated of kind",
                  static_cast<int>(k));
  census.expect(census.tables == tables_.live(), "tables alive:", census.tables, tables_.live());
  const auto* zero = frames_.bytes(kZeroPage);
  census.expect(zero[0] == 0 && std::memcmp(zero, zero + 1, kPageBytes - 1) == 0,
                "ZERO-2: the zero page was written");
}

}  // namespace cow::impl

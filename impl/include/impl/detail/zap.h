// Taking entries away: munmap, exit, MADV_DONTNEED. Linux: zap_pte_range, exit_mmap.
#pragma once

#include <utility>

#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/detail/share.h"
#include "impl/detail/swap.h"
#include "impl/machine.h"

namespace cow::impl {

// One mapping less. Linux: page_remove_rmap, then put_page. EXIT-1
template <class Build> void BasicMachine<Build>::drop_mapping(FrameNo page, unsigned cpu) {
  if (Build::mutated(M::freed_while_referenced) && frames_.mapped(page) == 1 &&
      folios_.of(page) == kNoFolio && frames_.kind(page) == Kind::anon && frames_.held(page) > 1) {
    frames_.remove_mapping(page, cpu);
    orphan_references(page);
    return frames_.free(page, cpu);
  }
  frames_.remove_mapping(page, cpu);
  if (folios_.any()) folios_.free_if_unused(page, frames_, cpu);
}

// A mutant's doing: what referred to the page goes on naming its frame, but counts nowhere.
template <class Build> void BasicMachine<Build>::orphan_references(FrameNo page) {
  for (std::size_t i = 0; i < refs_.size(); ++i)
    if (refs_[i].live && refs_[i].frame == page) refs_[i].dangling = true;
  std::erase_if(strays_, [&](const Stray& s) { return s.frame == page; });
}

// Many mappings less, and how many of pages of each kind.
template <class Build>
Counters BasicMachine<Build>::drop_mappings(const FrameNo* pages, unsigned n, unsigned cpu) {
  Counters kinds{};
  if (!Build::mutated(M::freed_while_referenced) && !swap_.any_cached()) {
    frames_.remove_mappings(pages, n, cpu, kinds);
    if (folios_.any()) free_unused_folios(pages, n, cpu);
    for (const Kind merged : {kKsmPage, kSwapCachePage, kKsmSwapCachePage})
      kinds[slot_of(Kind::anon)] += std::exchange(kinds[slot_of(merged)], 0);
    return kinds;
  }
  for (unsigned i = 0; i < n; ++i) {
    const PageFlags flags = frames_.flags(pages[i]);
    ++kinds[slot_of(rss_kind(flags))];
    const bool cached = page_swap_cache(flags);
    if (cached) frames_.get(pages[i], 1);
    drop_mapping(pages[i], cpu);
    if (!cached) continue;
    free_swap_cache(pages[i], cpu);
    frames_.put(pages[i], 1, cpu);
  }
  return kinds;
}

// Entries go, then every translation of them, then the pages: another may have them only when no
// CPU reaches them from here. Linux: mmu_gather. ORD-5
template <class Build>
void BasicMachine<Build>::zap_pte_range(Mm& mm, Pte* entries, Vpn vpn, unsigned n, unsigned cpu) {
  std::array<FrameNo, kTableEntries> gone;
  unsigned count = 0, swapped = 0;
  {
    const PageTableLock held(tables_.lock_of(entries));
    unmap_pmd(entries, n);
    for (unsigned i = 0; i < n; ++i) {
      const Pte e = Sync::load(entries[i]);
      if (e == 0) continue;
      Sync::store(entries[i], 0);
      if (is_swap_pte(e)) {
        drop_swap_entry(swap_slot(e), cpu);
        ++swapped;
      } else if (!pte_special(e)) {
        gone[count++] = pte_frame(e);
      }
    }
  }
  if (swapped != 0) mm.uncount(kSwapEntries, cpu, swapped);
  const bool late = Build::mutated(M::zap_frees_before_flush);
  if (!late) flush(mm, vpn, vpn + n);
  const Counters kinds = drop_mappings(gone.data(), count, cpu);  // EXIT-1
  if (late) flush(mm, vpn, vpn + n);
  if (Build::mutated(M::unmap_keeps_rss)) return;
  for (std::size_t kind = 0; kind < kinds.size(); ++kind)
    if (kinds[kind] != 0) mm.uncount(static_cast<Kind>(kind), cpu, kinds[kind]);  // CNT-3
}

template <class Build>
void BasicMachine<Build>::zap_page_range(Mm& mm, Pte root, const MappedRegion& region,
                                         std::uint32_t first, std::uint32_t end, unsigned cpu) {
  const NotifierRange range(*this, mm, region.vpn(first), region.vpn(end));
  if constexpr (Build::kSharesTables)
    return zap_tables(mm, pte_frame(root), kLevels - 1, 0, reach_of(region, first, end, false),
                      cpu);
  tables_.for_each_run(root, region.vpn(first), region.vpn(end),
                       [&](Pte* entries, Vpn vpn, unsigned n) {
                         zap_pte_range(mm, entries, vpn, n, cpu);
                         return true;
                       });
}

// An object of shared memory goes with its last mapping; pages still referenced go with that.
template <class Build>
void BasicMachine<Build>::drop_object(ObjectNo number, std::uint64_t pages, unsigned cpu) {
  auto& object = cache_.object(number);
  const Held<Sync, LockRank::cache> held(object.lock);
  object.mapped_pages -= pages;
  if (object.mapped_pages != 0 || object.kind != Kind::shmem) return;
  cache_.for_each(number, [&](std::uint32_t, FrameNo page) { frames_.put(page, 1, cpu); });
  cache_.remove(number);
}

// The tables of a place where nothing is mapped any more. REQUIRES: where tables are shared, those
// that the place does not cover are owned. Linux: free_pgtables.
template <class Build>
void BasicMachine<Build>::free_pgtables(Mm& mm, Pte root, const Reach& place, unsigned cpu) {
  if constexpr (Build::kSharesTables)
    return zap_tables(mm, pte_frame(root), kLevels - 1, 0, place, cpu);
  const TableNo chain = tables_.detach_range(root, place.first, place.end);
  if (chain != 0) flush(mm, place.first, place.end);  // nobody walks them now
  tables_.free_chain(chain);
}

// REQUIRES: room for one more area, unless everything goes.
template <class Build>
void BasicMachine<Build>::unmap_region(Mm& mm, Pte root, MappedRegion& region, std::uint32_t first,
                                       std::uint32_t end, unsigned cpu) {
  if (!any_mapped(region.areas, first, end)) return;
  std::uint64_t pages = 0;
  for (const Area& a : region.areas)
    if (a.first < end && first < a.end) pages += std::min(a.end, end) - std::max(a.first, first);
  if constexpr (Build::kSharesTables) unmap_tables(mm, root, region, first, end, cpu);
  else zap_page_range(mm, root, region, first, end, cpu);
  remove_range(region.areas, first, end);
  Hugetlb{*this}.unreserve(region, first, end);
  // A region's last-level tables are its own, because regions begin 16 MiB apart.
  if (!Build::kSharesTables && region.areas.empty())
    free_pgtables(mm, root, {region.base, region.vpn(region.pages), true}, cpu);
  if (region.has_object()) drop_object(region.object, pages, cpu);
}

// REQUIRES: nobody else comes to this address space: its mmap_lock for writing, or it was never
// seen.
template <class Build> void BasicMachine<Build>::exit_mmap(Mm& mm, unsigned cpu) {
  Sync::store(mm.alive, kBetween);
  const Pte root = mm.root;
  Sync::store(mm.root, 0);
  flush(mm, 0, kAddressSpace);  // from here on no CPU walks or remembers anything of it
  if (Build::kSharesTables && root != 0)
    leave_table(pte_frame(root), kLevels - 1, owed_below(root), cpu);
  for (std::size_t r = 0; r < mm.regions.size(); ++r) {
    MappedRegion& region = mm.regions[r];
    unmap_region(mm, Build::kSharesTables ? 0 : root, region, 0, region.pages, cpu);
    Sync::store(region.pages, 0);  // the name goes, its memory is kept for the next process
    region.span = 0;
  }
  if constexpr (!Build::kSharesTables) tables_.release_tree(root);
  mm.has_pinned = 0;
  mm.counters = {};
  Sync::store(mm.alive, kDead);
}

}  // namespace cow::impl

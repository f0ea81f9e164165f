// Taking entries away: munmap, exit, MADV_DONTNEED. Linux: zap_pte_range, exit_mmap.
#pragma once

#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

// One mapping less. Linux: page_remove_rmap, then put_page.
template <class Build> void BasicMachine<Build>::remove_rmap(FrameNo page) {
  const PageCounts left = frames_.counts(page) -= kOneMapping;  // EXIT-1
  if (Build::mutated(M::freed_while_referenced) && mapcount_of(left) == 0 &&
      frames_.kind(page) == Kind::anon && refcount_of(left) != 0) {
    orphan_references(page);
    return frames_.free(page);
  }
  if (refcount_of(left) == 0) frames_.free(page);
}

template <class Build> void BasicMachine<Build>::put_page(FrameNo page, PageCounts references) {
  assert(refcount_of(frames_.counts(page)) >= references);
  const PageCounts left = frames_.counts(page) -= references;
  if (refcount_of(left) == 0) frames_.free(page);
}

// A mutant's doing: what referred to the page goes on naming its frame, but counts nowhere.
template <class Build> void BasicMachine<Build>::orphan_references(FrameNo page) {
  for (Gup& ref : refs_)
    if (ref.live && ref.frame == page) ref.dangling = true;
  std::erase_if(strays_, [&](const Stray& s) { return s.frame == page; });
}

template <class Build> void BasicMachine<Build>::zap_pte_range(Mm& mm, Pte* entries, unsigned n) {
  for (unsigned i = 0; i < n; ++i) {
    if (i + kPrefetchAhead < n) frames_.prefetch(pte_frame(entries[i + kPrefetchAhead]));
    const Pte e = entries[i];
    if (e == 0) continue;
    entries[i] = 0;
    if (pte_special(e)) continue;
    const FrameNo page = pte_frame(e);
    if (!Build::mutated(M::unmap_keeps_rss)) --mm.rss[slot_of(frames_.kind(page))];  // CNT-3
    remove_rmap(page);
  }
}

template <class Build>
void BasicMachine<Build>::zap_page_range(Mm& mm, const MappedRegion& region, std::uint32_t first,
                                         std::uint32_t end) {
  tables_.for_each_run(mm.root, region.vpn(first), region.vpn(end),
                       [&](Pte* entries, Vpn, unsigned n) {
                         zap_pte_range(mm, entries, n);
                         return true;
                       });
}

// An object of shared memory goes with its last mapping; pages still referenced go with that.
template <class Build> void BasicMachine<Build>::drop_object(ObjectNo number, std::uint64_t pages) {
  CacheObject& object = cache_.object(number);
  object.mapped_pages -= pages;
  if (object.mapped_pages != 0 || object.kind != Kind::shmem) return;
  cache_.for_each(number, [&](std::uint32_t, FrameNo page) { put_page(page, 1); });
  cache_.remove(number);
}

// REQUIRES: room for one more area, unless everything goes.
template <class Build>
void BasicMachine<Build>::unmap_region(Mm& mm, MappedRegion& region, std::uint32_t first,
                                       std::uint32_t end) {
  if (!any_mapped(region.areas, first, end)) return;
  std::uint64_t pages = 0;
  for (const Area& a : region.areas)
    if (a.first < end && first < a.end) pages += std::min(a.end, end) - std::max(a.first, first);
  zap_page_range(mm, region, first, end);
  remove_range(region.areas, first, end);
  // A region's last-level tables are its own, because regions begin 16 MiB apart.
  if (region.areas.empty()) tables_.release_range(mm.root, region.base, region.vpn(region.pages));
  if (region.has_object()) drop_object(region.object, pages);
}

template <class Build> void BasicMachine<Build>::exit_mmap(Mm& mm) {
  for (MappedRegion& region : mm.regions) {
    unmap_region(mm, region, 0, region.pages);
    region.pages = 0;  // the name goes, its memory is kept for the next process
    region.span = 0;
  }
  tables_.release_root(mm.root);
  mm.root = 0;
  mm.alive = false;
}

}  // namespace cow::impl

// How a machine shows itself. Looking changes nothing.
#pragma once

#include "impl/machine.h"

namespace cow::impl {

template <class Build>
PteView BasicMachine<Build>::view_of(const MappedRegion& region, Pte entry) const {
  PteView v;
  v.mapped = Mapped::yes;
  v.share = region.share;
  v.present = pte_present(entry);
  v.swapped = is_swap_pte(entry);
  if (v.swapped) {
    v.swapcount = exact_swapcount(swap_slot(entry));
    if (const FrameNo page = swap_.page(swap_slot(entry)); page != kNoPage) v.frame = Frame{page};
  }
  if (!v.present) return v;
  if (page_swap_cache(frames_.flags(pte_frame(entry))))
    v.swapcount = exact_swapcount(swap_.slot_of(pte_frame(entry)));
  v.writable = pte_write(entry);
  v.dirty = pte_dirty(entry);
  v.young = pte_young(entry);
  v.huge = is_huge(entry);
  v.frame = Frame{pte_frame(entry)};
  return v;
}

// Where tables are shared, by a look at every entry.
template <class Build> std::uint32_t BasicMachine<Build>::exact_swapcount(SwapNo slot) const {
  if constexpr (!Build::kSharesTables) return swap_.users(slot);
  std::uint32_t count = 0;
  for (std::size_t p = 0; p < processes_.size(); ++p) {
    const Mm& mm = processes_[p];
    if (mm.alive != kAlive) continue;
    tables_.for_each_run(mm.root, 0, kAddressSpace, [&](const Pte* entries, Vpn, unsigned n) {
      for (unsigned i = 0; i < n; ++i)
        count += is_swap_pte(entries[i]) && swap_slot(entries[i]) == slot;
      return true;
    });
  }
  return count;
}

// An entry as it would be if nothing was owed; a huge one with what hardware has noted anywhere.
template <class Build> Pte BasicMachine<Build>::shown(const Pte* at, Pte owed) const {
  return (is_huge(*at) ? *at | huge_marks(at) : *at) & ~owed;
}

template <class Build> PteView BasicMachine<Build>::pte(Slot at) const {
  PteView v;
  const MappedRegion* region = region_of(at.process, at.region);
  if (region == nullptr || at.page >= region->pages) return v;
  v.mapped = Mapped::gone;
  if (find_area(region->areas, at.page) == nullptr) return v;
  const auto e = tables_.find_place(mm_of(at.process)->root, region->vpn(at.page));
  return view_of(*region, e.entry == nullptr ? 0 : shown(e.entry, e.owed));
}

template <class Build>
template <class F>
void BasicMachine<Build>::for_each_present(Pid p, Region r, F f) const {
  const MappedRegion* region = region_of(p, r);
  if (region == nullptr || region->areas.empty()) return;
  const auto show_run = [&](const auto& run, Vpn vpn, unsigned n) {
    const Pte marks = is_huge(*run.entry) ? huge_marks(run.entry) : 0;
    for (unsigned i = 0; i < n; ++i)
      if (pte_present(run.entry[i]))
        f(static_cast<std::uint32_t>(vpn + i - region->base),
          view_of(*region, (run.entry[i] | marks) & ~run.owed));
    return true;
  };
  tables_.for_each_place(mm_of(p)->root, region->base, region->vpn(region->pages), show_run);
}

template <class Build> std::uint32_t BasicMachine<Build>::pages_in(Pid p, Region r) const {
  const MappedRegion* region = region_of(p, r);
  return region == nullptr ? 0 : region->pages;
}

template <class Build> const Areas* BasicMachine<Build>::areas(Pid p, Region r) const {
  const MappedRegion* region = region_of(p, r);
  return region == nullptr ? nullptr : &region->areas;
}

// ---- What entries and pages would say if fork had copied all tables at once ----

template <class Build> void BasicMachine<Build>::take_census(TableCensus<Sync>& census) const {
  census.begin(tables_, frames_);
  for (std::size_t p = 0; p < processes_.size(); ++p)
    census.add_root(Sync::load(processes_[p].root));
  census.finish(tables_, frames_);
}
template <class Build>
const TableCensus<typename BasicMachine<Build>::Sync>& BasicMachine<Build>::census() const {
  if (!census_.taken()) take_census(census_);
  return census_;
}
template <class Build> PageCounts BasicMachine<Build>::exact_counts(FrameNo page) const {
  if constexpr (Build::kSharesTables) return census().counts(frames_, page);
  else return frames_.counts(page);
}
template <class Build> PageFlags BasicMachine<Build>::exact_flags(FrameNo page) const {
  if constexpr (Build::kSharesTables) return census().flags(frames_, page);
  else return frames_.flags(page);
}
template <class Build> Counters BasicMachine<Build>::exact_rss(const Mm& mm) const {
  if constexpr (Build::kSharesTables) return census().rss(mm.root);
  else return mm.rss();
}

template <class Build> PageView BasicMachine<Build>::page(Frame frame) const {
  PageView v;
  const FrameNo f = index(frame);
  if (!frames_.known(f) || frames_.kind(f) == Kind::none) return v;
  v.kind = rss_kind(frames_.flags(f));
  v.ksm = page_ksm(frames_.flags(f));
  const PageCounts counts = exact_counts(f);
  v.exclusive = page_exclusive(exact_flags(f));
  v.mapcount = static_cast<std::uint32_t>(mapcount_of(counts));
  const FolioNo folio = folios_.of(f);
  v.refcount = folio == kNoFolio ? refcount_of(counts) : refcount_of(page_counts(f));
  if (v.refcount >= kPinBias)  // of a large folio, all pins
    for (std::size_t r = 0; r < refs_.size(); ++r)
      if (refs_[r].live && refs_[r].pin && !refs_[r].dangling &&
          (refs_[r].frame == f || (folio != kNoFolio && folios_.of(refs_[r].frame) == folio)))
        ++v.pins;
  for (unsigned c = 0; c < kCells; ++c) v.cells[c] = frames_.cell(f, c);
  return v;
}

template <class Build> Rss BasicMachine<Build>::rss(Pid p) const {
  const Mm* mm = mm_of(p);
  if (mm == nullptr) return {};
  const Counters all = exact_rss(*mm);
  const auto count = [&](Kind k) { return all[static_cast<std::size_t>(k)]; };
  std::uint32_t hugetlb = 0;  // counted with the others, and no part of rss
  for (std::size_t r = 0; hugetlb_ != 0 && r < mm->regions.size(); ++r)
    if (mm->regions[r].hugetlb())
      for_each_present(p, Region{static_cast<std::uint32_t>(r)},
                       [&](std::uint32_t, const PteView&) { ++hugetlb; });
  return {count(Kind::anon) - hugetlb, count(Kind::file), count(Kind::shmem), count(kSwapEntries)};
}

template <class Build> std::uint32_t BasicMachine<Build>::allocated(Kind kind) const {
  const std::uint32_t plain = frames_.allocated(kind);
  if (kind == Kind::anon) return plain + frames_.allocated(kSwapCachePage);
  return kind == Kind::ksm ? plain + frames_.allocated(kKsmSwapCachePage) : plain;
}

template <class Build> Frame BasicMachine<Build>::frame_of(Ref ref) const {
  if (index(ref) >= refs_.size() || !refs_[index(ref)].live) return kNoFrame;
  return Frame{refs_[index(ref)].frame};
}

}  // namespace cow::impl

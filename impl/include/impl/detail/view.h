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
  if (!v.present) return v;
  v.writable = pte_write(entry);
  v.dirty = pte_dirty(entry);
  v.young = pte_young(entry);
  v.frame = Frame{pte_frame(entry)};
  return v;
}

template <class Build> PteView BasicMachine<Build>::pte(Slot at) const {
  PteView v;
  const MappedRegion* region = region_of(at.process, at.region);
  if (region == nullptr || at.page >= region->pages) return v;
  v.mapped = Mapped::gone;
  if (find_area(region->areas, at.page) == nullptr) return v;
  const Pte* e = tables_.find_entry(mm_of(at.process)->root, region->vpn(at.page));
  return view_of(*region, e == nullptr ? 0 : *e);
}

template <class Build>
template <class F>
void BasicMachine<Build>::for_each_present(Pid p, Region r, F f) const {
  const MappedRegion* region = region_of(p, r);
  if (region == nullptr || region->areas.empty()) return;
  const auto show_run = [&](const Pte* entries, Vpn vpn, unsigned n) {
    for (unsigned i = 0; i < n; ++i)
      if (pte_present(entries[i]))
        f(static_cast<std::uint32_t>(vpn + i - region->base), view_of(*region, entries[i]));
    return true;
  };
  tables_.for_each_run(mm_of(p)->root, region->base, region->vpn(region->pages), show_run);
}

template <class Build> std::uint32_t BasicMachine<Build>::pages_in(Pid p, Region r) const {
  const MappedRegion* region = region_of(p, r);
  return region == nullptr ? 0 : region->pages;
}

template <class Build> const Areas* BasicMachine<Build>::areas(Pid p, Region r) const {
  const MappedRegion* region = region_of(p, r);
  return region == nullptr ? nullptr : &region->areas;
}

template <class Build> PageView BasicMachine<Build>::page(Frame frame) const {
  PageView v;
  const FrameNo f = index(frame);
  if (!frames_.known(f) || frames_.kind(f) == Kind::none) return v;
  v.kind = frames_.kind(f);
  v.exclusive = page_exclusive(frames_.flags(f));
  v.mapcount = static_cast<std::uint32_t>(mapcount_of(frames_.counts(f)));
  v.pins = frames_.pins(f);
  v.refcount = refcount_of(frames_.counts(f));
  for (unsigned c = 0; c < kCells; ++c) v.cells[c] = frames_.cell(f, c);
  return v;
}

template <class Build> Rss BasicMachine<Build>::rss(Pid p) const {
  const Mm* mm = mm_of(p);
  if (mm == nullptr) return {};
  const auto count = [&](Kind k) { return mm->rss[static_cast<std::size_t>(k)]; };
  return {count(Kind::anon), count(Kind::file), count(Kind::shmem)};
}

template <class Build> std::uint32_t BasicMachine<Build>::allocated(Kind kind) const {
  return frames_.allocated(kind);
}

template <class Build> Frame BasicMachine<Build>::frame_of(Ref ref) const {
  if (index(ref) >= refs_.size() || !refs_[index(ref)].live) return kNoFrame;
  return Frame{refs_[index(ref)].frame};
}

}  // namespace cow::impl

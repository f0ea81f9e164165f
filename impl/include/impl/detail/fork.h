// Fork: what the child gets, and what it costs the parent. Linux: dup_mmap, copy_page_range.
#pragma once

#include <new>

#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> Outcome BasicMachine<Build>::do_fork(const Step& s) {
  if (mm_of(s.process) == nullptr) return Outcome::nosuch;
  if (mm_of(s.child) != nullptr) return Outcome::inval;
  if (index(s.child) >= kMaxNames) return Outcome::oom;
  try {
    if (index(s.child) >= processes_.size()) processes_.resize(index(s.child) + std::size_t{1});
    processes_[index(s.child)].regions = processes_[index(s.process)].regions;
  } catch (const std::bad_alloc&) {
    return Outcome::oom;
  }
  Mm& parent = processes_[index(s.process)];
  Mm& child = processes_[index(s.child)];
  for (MappedRegion& region : child.regions) region.areas.clear();
  child.has_pinned = Build::mutated(M::has_pinned_inherited) && parent.has_pinned;
  child.next_base = parent.next_base;
  child.rss = {};
  child.root = tables_.make_root();
  if (child.root == 0) return Outcome::oom;
  child.alive = true;
  if (dup_mmap(parent, child)) return Outcome::ok;
  if (!Build::mutated(M::failed_fork_keeps_child)) exit_mmap(child);  // ERR-1
  return Outcome::oom;
}

template <class Build> bool BasicMachine<Build>::dup_mmap(Mm& parent, Mm& child) {
  for (std::size_t r = 0; r < parent.regions.size(); ++r) {
    const MappedRegion& from = parent.regions[r];
    MappedRegion& to = child.regions[r];
    for (const Area& area : from.areas) {
      const bool wiped = vm_has(area.flags, kVmWipeOnFork);
      if (vm_has(area.flags, kVmDontCopy) && !Build::mutated(M::dontfork_copied))
        continue;  // FORK-3
      Area copy = area;
      copy.anon_vma = wiped || area.anon_vma == AnonVma::none ? AnonVma::none : AnonVma::inherited;
      to.areas.push_back(copy);  // the vector's room was taken with the regions' copy
      if (to.has_object()) cache_.object(to.object).mapped_pages += area.end - area.first;
      if (!copy_page_range(parent, child, from, area)) return false;
    }
  }
  return true;
}

template <class Build>
bool BasicMachine<Build>::copy_page_range(Mm& parent, Mm& child, const MappedRegion& region,
                                          const Area& area) {
  Area seen = area;
  if (Build::mutated(M::untouched_area_copied)) seen.anon_vma = AnonVma::own;
  if (Build::mutated(M::wipeonfork_copied)) seen.flags &= ~kVmWipeOnFork;
  if (Build::mutated(M::dontfork_copied)) seen.flags &= ~kVmDontCopy;
  // What is not copied, faults fill in again. FORK-3 FORK-5
  if (!vma_needs_copy(seen.flags, static_cast<std::uint8_t>(seen.anon_vma))) return true;
  return tables_.for_each_run(parent.root, region.vpn(area.first), region.vpn(area.end),
                              [&](Pte* src, Vpn vpn, unsigned n) {
                                Pte* dst = tables_.ensure(child.root, vpn);
                                return dst != nullptr &&
                                       copy_pte_range(parent, child, area, src,
                                                      dst + level_index(vpn, 0), n);
                              });
}

template <class Build>
bool BasicMachine<Build>::copy_pte_range(Mm& parent, Mm& child, const Area& area, Pte* src,
                                         Pte* dst, unsigned n) {
  const bool asks_pins =
      rules_.fork_copies_pinned && parent.has_pinned && !Build::mutated(M::early_copy_skipped);
  if (Build::mutated(M::prepared_page_lost) && asks_pins) frames_.alloc(Kind::anon);  // ERR-3
  Counters shared{};  // published at the end, as the kernel does per table
  bool copied_all = true;
  for (unsigned i = 0; i < n && copied_all; ++i) {
    if (i + kPrefetchAhead < n) frames_.prefetch(pte_frame(src[i + kPrefetchAhead]));
    if (!pte_present(src[i])) continue;
    const FrameNo page = pte_frame(src[i]);
    if (asks_pins && page_needs_cow_for_dma(rules_, parent.has_pinned, area.flags,
                                            frames_.counts(page), frames_.flags(page))) {
      copied_all = copy_present_page(child, area, src[i], dst[i]);
      if (Build::mutated(M::early_copy_protects_parent)) src[i] = pte_wrprotect(src[i]);
    } else {
      dst[i] = copy_present_pte(area, src[i], shared);
    }
  }
  if (!Build::mutated(M::fork_forgets_rss))
    for (std::size_t kind = 0; kind < shared.size(); ++kind) child.rss[kind] += shared[kind];
  return copied_all;
}

// The pinned page stays the parent's, entry and all; the child gets its bytes. PIN-1
template <class Build>
bool BasicMachine<Build>::copy_present_page(Mm& child, const Area& area, Pte entry, Pte& dst) {
  const FrameNo page = frames_.alloc(Kind::anon);
  if (page == kNoPage) return false;
  copy_page(frames_.bytes(page), frames_.bytes(pte_frame(entry)));
  map_new_anon(page);
  ++child.rss[slot_of(Kind::anon)];
  dst = maybe_mkwrite(pte_mkdirty(mk_pte(page, area.flags)), area.flags);
  return true;
}

// Shares what `src` maps; returns the child's entry.
template <class Build>
Pte BasicMachine<Build>::copy_present_pte(const Area& area, Pte& src, Counters& rss) {
  const Pte before = src;
  if (!pte_special(before)) {
    const FrameNo page = pte_frame(before);
    frames_.counts(page) += kOneMapping;  // CNT-1 CNT-2
    ++rss[slot_of(frames_.kind(page))];   // CNT-3
    // Only anonymous pages are ever exclusive; most are not, so look before writing.
    if (page_exclusive(frames_.flags(page)) && !Build::mutated(M::exclusive_kept_at_fork))
      frames_.clear_exclusive(page);
  }
  Pte shared = before;
  if (fork_wrprotects(area.flags, before)) {  // FORK-2
    if (!Build::mutated(M::parent_stays_writable)) src = pte_wrprotect(before);
    if (!Build::mutated(M::child_stays_writable)) shared = pte_wrprotect(before);
  }
  return Build::mutated(M::child_entry_young) ? shared : pte_mkold(shared);  // FORK-6
}

}  // namespace cow::impl

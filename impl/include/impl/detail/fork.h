// Fork: what the child gets, and what it costs the parent. Linux: dup_mmap, copy_page_range.
#pragma once

#include <new>

#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/machine.h"
#include "impl/share_run.h"

namespace cow::impl {

// REQUIRES: list is one of those that names_ guards.
template <class Build> bool BasicMachine<Build>::grow_names(auto& list, std::size_t n) {
  if (n <= list.size()) return true;
  if (n > kMaxNames) return false;
  const Held<Sync, LockRank::pool> held(names_);
  return list.grow(n);
}

template <class Build> Outcome BasicMachine<Build>::do_fork(const Step& s) {
  Mm* parent = mm_slot(s.process);
  if (parent == nullptr) return Outcome::nosuch;
  if (Build::mutated(M::fork_without_mmap_lock)) {
    const MmapReadLock held(parent->mmap_lock, cpu_of(s.thread));
    return fork_locked(s, *parent);
  }
  Outcome outcome = Outcome::ok;
  {
    // Nobody faults in the parent while it is copied. FORK-10
    const MmapWriteLock held(parent->mmap_lock);
    outcome = fork_locked(s, *parent);
  }
  if (Build::mutated(M::fork_flush_after_unlock)) flush(*parent, 0, kAddressSpace);
  return outcome;
}

template <class Build> Outcome BasicMachine<Build>::fork_locked(const Step& s, Mm& parent) {
  if (mm_of(s.process) == nullptr) return Outcome::nosuch;
  Outcome refused = Outcome::ok;
  Mm* child = claim_child(s.child, refused);
  if (child == nullptr) return refused;
  if constexpr (!Build::kSharesTables) child->root = tables_.make_root();
  if ((!Build::kSharesTables && child->root == 0) || !dup_regions(parent, *child)) {
    if (child->root != 0) tables_.release_tree(child->root);
    Sync::store(child->root, 0);
    Sync::store(child->alive, kDead);
    return Outcome::oom;
  }
  const unsigned cpu = cpu_of(s.thread);
  const bool copied = dup_mmap(parent, *child, cpu);
  // Writable translations of what is now shared must be gone before anybody else runs. ORD-4
  if (!Build::mutated(M::fork_flush_skipped) && !Build::mutated(M::fork_flush_after_unlock))
    flush(parent, 0, kAddressSpace);
  if (!copied && !Build::mutated(M::failed_fork_keeps_child)) exit_mmap(*child, cpu);  // ERR-1
  else Sync::store(child->alive, kAlive);
  return copied ? Outcome::ok : Outcome::oom;
}

// The child's name, taken from everybody else until the fork is done.
template <class Build>
typename BasicMachine<Build>::Mm* BasicMachine<Build>::claim_child(Pid child, Outcome& refused) {
  const std::size_t i = index(child);
  if (mm_of(child) != nullptr) return refused = Outcome::inval, nullptr;
  if (!grow_names(processes_, i + 1)) return refused = Outcome::oom, nullptr;
  Mm& mm = processes_[i];
  std::uint8_t dead = kDead;
  if (!Sync::cas(mm.alive, dead, kBetween)) return refused = Outcome::inval, nullptr;
  mm.id = static_cast<AddressSpaceId>(i);
  mm.counters = {};
  return &mm;
}

template <class Build> bool BasicMachine<Build>::dup_regions(const Mm& parent, Mm& child) {
  child.next_base = parent.next_base;
  child.has_pinned = Build::mutated(M::has_pinned_inherited) && parent.has_pinned;
  const std::size_t names = parent.regions.size();
  if (!child.regions.grow(names)) return false;
  try {
    for (std::size_t r = 0; r < names; ++r) {
      child.regions[r] = parent.regions[r];
      child.regions[r].areas.clear();  // the room that the copy took stays
      child.regions[r].owner = false;  // HUGE-10
      child.regions[r].reserved.clear();
    }
    for (std::size_t r = names; r < child.regions.size(); ++r) child.regions[r].pages = 0;
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

template <class Build> bool BasicMachine<Build>::dup_mmap(Mm& parent, Mm& child, unsigned cpu) {
  for (std::size_t r = 0; r < parent.regions.size(); ++r) {
    const MappedRegion& from = parent.regions[r];
    MappedRegion& to = child.regions[r];
    for (const Area& area : from.areas) {
      const bool wiped = vm_has(area.flags, kVmWipeOnFork);
      if (vm_has(area.flags, kVmDontCopy) && !Build::mutated(M::dontfork_copied))
        continue;  // FORK-3
      Area copy = area;
      if (!Build::mutated(M::fork_keeps_locks)) copy.flags &= ~kVmLocked;  // FORK-4
      if (!Build::mutated(M::uffd_inherited)) copy.flags &= ~kVmUffdWp;    // FORK-8
      copy.anon_vma = wiped || area.anon_vma == AnonVma::none ? AnonVma::none : AnonVma::inherited;
      to.areas.push_back(copy);
      if (to.has_object()) {
        auto& object = cache_.object(to.object);
        const Held<Sync, LockRank::cache> held(object.lock);
        object.mapped_pages += area.end - area.first;
      }
      if constexpr (!Build::kSharesTables)
        if (!copy_page_range(parent, child, from, area, cpu)) return false;
    }
  }
  if constexpr (Build::kSharesTables) return share_tables(parent, child, cpu);
  return true;
}

// What is not copied, faults fill in again. FORK-3 FORK-5
template <class Build> bool BasicMachine<Build>::fork_copies(const Area& area) {
  Area seen = area;
  if (Build::mutated(M::untouched_area_copied)) seen.anon_vma = AnonVma::own;
  if (Build::mutated(M::wipeonfork_copied)) seen.flags &= ~kVmWipeOnFork;
  if (Build::mutated(M::dontfork_copied)) seen.flags &= ~kVmDontCopy;
  return vma_needs_copy(seen.flags, static_cast<std::uint8_t>(seen.anon_vma));
}
template <class Build> bool BasicMachine<Build>::fork_asks_pins(const Mm& parent) const {
  return rules_.fork_copies_pinned && Sync::load(parent.has_pinned) != 0 &&
         !Build::mutated(M::early_copy_skipped);
}

template <class Build>
bool BasicMachine<Build>::copy_page_range(Mm& parent, Mm& child, const MappedRegion& region,
                                          const Area& area, unsigned cpu) {
  if (!fork_copies(area)) return true;
  const bool asks_pins = fork_asks_pins(parent);
  const auto needs_early_copy = [&](const Area& at, FrameNo page) {
    return asks_pins &&
           page_needs_cow_for_dma(rules_, true, at.flags, page_counts(page), frames_.flags(page));
  };
  const Vpn first = region.vpn(area.first), end = region.vpn(area.end);
  const NotifierRange range(*this, parent, first, end);
  const std::uint32_t one = Build::mutated(M::fork_sequence_not_written) ? 0 : 1;
  Sync::fetch_add(parent.write_protect_seq, one);  // fast GUP keeps away, or comes again. PIN-2
  const bool copied =
      tables_.for_each_run(parent.root, first, end, [&](Pte* src, Vpn vpn, unsigned n) {
        split_early(area, src, n, needs_early_copy);
        const bool none = tables_.used(tables_.table_of(src)) != 0;
        Pte* dst = tables_.ensure_entry(child.root, vpn, none);
        return dst != nullptr &&
               copy_pte_range(child, area, src, dst, n, cpu, asks_pins, needs_early_copy);
      });
  Sync::fetch_add(parent.write_protect_seq, one);
  return copied;
}

template <class Build>
bool BasicMachine<Build>::copy_pte_range(Mm& child, const Area& area, Pte* src, Pte* dst,
                                         unsigned n, unsigned cpu, bool asks_pins,
                                         auto needs_early_copy) {
  if (vm_has(area.flags, kVmHugeTlb))
    return !is_huge(Sync::load(*src)) ||
           Hugetlb{*this}.copy(child, area, src, dst, needs_early_copy, cpu);
  if (is_huge(Sync::load(*src))) {
    copy_huge_pmd(child, area, src, dst, cpu);
    return true;
  }
  if (Build::mutated(M::prepared_page_lost) && asks_pins) frames_.alloc(Kind::anon, cpu);  // ERR-3
  Counters shared{};  // published at the end, as the kernel does per table
  bool copied_all = true;
  for (unsigned i = 0; i < n && copied_all;) {
    const PageTableLock held(tables_.lock_of(src));
    if (i != 0 && Build::mutated(M::fork_resume_skips_entry)) ++i;
    const unsigned pause = std::min(n, i + Build::kForkBatch);  // FORK-9
    while (i < pause && copied_all) {
      if (!asks_pins)
        if (const unsigned run = copy_run(area, src + i, dst + i, pause - i); run != 0) {
          shared[slot_of(Kind::anon)] += run;
          i += run;
          continue;
        }
      // One by one, until a run may begin again.
      for (const unsigned end = std::min(pause, i + kBetweenRuns); i < end && copied_all; ++i) {
        if (i + kPrefetchAhead < n)
          frames_.prefetch(pte_frame(Sync::load(src[i + kPrefetchAhead])));
        copied_all = copy_entry(child, area, src[i], dst[i], needs_early_copy, shared, cpu);
      }
    }
  }
  if (!Build::mutated(M::fork_forgets_rss))
    for (std::size_t kind = 0; kind < shared.size(); ++kind)
      if (shared[kind] != 0) child.count(static_cast<Kind>(kind), cpu, shared[kind]);
  return copied_all;
}

// Entries that need no look at each: see impl/share_run.h. None in builds that may be wrong.
template <class Build>
unsigned BasicMachine<Build>::copy_run(const Area& area, Pte* src, Pte* dst, unsigned n) {
  if (!Build::kSharesRuns || vm_has(area.flags, kVmUffdWp)) return 0;
  const bool wrprotects = is_cow_mapping(area.flags);  // FORK-2
  return share_run(src, dst, frames_.states(), n, wrprotects, !Sync::kConcurrent);
}

template <class Build>
bool BasicMachine<Build>::copy_entry(Mm& child, const Area& area, Pte& src, Pte& dst,
                                     const auto& needs_early_copy, Counters& shared, unsigned cpu) {
  const Pte e = Sync::load(src);
  if (is_swap_pte(e)) {
    Sync::store(dst, copy_swap_pte(src));
    ++shared[slot_of(kSwapEntries)];
  }
  if (is_migration_pte(e)) {  // of a page that is not pinned: it would not move. FORK-7
    Sync::store(dst, copy_present_pte(area, src, shared));
    if (Build::mutated(M::fork_keeps_migrating_write)) Sync::store(src, e);
    return migration_.add(dst);
  }
  if (!pte_present(e)) return true;
  if (!needs_early_copy(area, pte_frame(e))) {
    Sync::store(dst, copy_present_pte(area, src, shared));
    return true;
  }
  const bool copied = copy_present_page(child, area, e, dst, cpu);
  if (Build::mutated(M::early_copy_protects_parent)) Sync::store(src, pte_wrprotect(e));
  return copied;
}

// The pinned page stays the parent's, entry and all; the child gets its bytes. PIN-1
template <class Build>
bool BasicMachine<Build>::copy_present_page(Mm& child, const Area& area, Pte entry, Pte& dst,
                                            unsigned cpu) {
  const FrameNo page = frames_.alloc(Kind::anon, cpu);
  if (page == kNoPage) return false;
  copy_page(page, pte_frame(entry));
  map_new_anon(page);
  child.count(Kind::anon, cpu, 1);
  Sync::store(dst, maybe_mkwrite(pte_mkdirty(mk_pte(page, area.flags)), area.flags));
  return true;
}

// Shares what `src` maps; returns the child's entry.
template <class Build>
Pte BasicMachine<Build>::copy_present_pte(const Area& area, Pte& src, Counters& rss) {
  const Pte seen = Sync::load(src);
  if (!pte_special(seen)) {
    const FrameNo page = pte_frame(seen);
    const PageFlags flags = frames_.share_own(page);  // CNT-1 CNT-2 REUSE-4
    ++rss[slot_of(rss_kind(flags))];                  // CNT-3
    if (page_exclusive(flags) && Build::mutated(M::exclusive_kept_at_fork))
      frames_.set_exclusive(page);
  }
  Pte before = seen, shared = seen;
  if (fork_wrprotects(area.flags, seen)) {  // FORK-2
    if (!Build::mutated(M::parent_stays_writable))
      before = change_entry<Sync>(src, [](Pte e) { return pte_wrprotect(e); });
    shared = Build::mutated(M::child_stays_writable) ? before : pte_wrprotect(before);
  }
  if (!Build::mutated(M::uffd_inherited)) shared &= ~kUffdWp;                // FORK-8
  return Build::mutated(M::child_entry_young) ? shared : pte_mkold(shared);  // FORK-6
}

}  // namespace cow::impl

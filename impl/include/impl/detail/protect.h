// What changes an area's attributes or its entries' bits: mprotect, madvise, clear-refs.
#pragma once

#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/detail/huge.h"
#include "impl/detail/hugetlb.h"
#include "impl/detail/lock.h"
#include "impl/detail/share.h"
#include "impl/machine.h"

namespace cow::impl {

// One present entry under its area's new flags. Linux: change_pte_range. EXIT-4
template <class Build> Pte BasicMachine<Build>::change_pte(Pte entry, VmFlags flags) const {
  Pte e = (entry & kChangeKeeps) | protection_of(flags);
  const FrameNo page = pte_frame(entry);
  const bool awaits = Build::mutated(M::protect_awaits_shared_write) && vm_has(flags, kVmShared);
  if (can_change_pte_writable(rules_, flags, entry, frames_.flags(page)) && !awaits)
    e |= kWrite;  // PROT-1
  if (Build::mutated(M::protect_gives_write) && !pte_special(entry)) e = maybe_mkwrite(e, flags);
  if (Build::mutated(M::protect_keeps_write)) e |= entry & kWrite;
  return e;
}

template <class Build>
void BasicMachine<Build>::change_protection(Mm& mm, const MappedRegion& region, std::uint32_t first,
                                            std::uint32_t end, VmFlags flags) {
  const NotifierRange range(*this, mm, region.vpn(first), region.vpn(end));
  const Pte faults = vm_has(flags, kVmHugeTlb) ? kWrite : 0;  // before it may be written
  tables_.for_each_run(
      mm.root, region.vpn(first), region.vpn(end), [&](Pte* entries, Vpn, unsigned n) {
        const PageTableLock held(tables_.lock_of(entries));
        if (Build::mutated(M::huge_split_skipped) && is_huge(Sync::load(*entries)))
          entries = group_of(entries), n = kTableEntries;  // HUGE-6
        for (unsigned i = 0; i < n; ++i)
          if (pte_present(Sync::load(entries[i])))
            change_entry<Sync>(entries[i], [&](Pte e) { return change_pte(e, flags) & ~faults; });
        return true;
      });
  if (!protects_late<Build>()) flush(mm, region.vpn(first), region.vpn(end));
}

// REQUIRES: the mmap_lock, for writing.
template <class Build>
Outcome BasicMachine<Build>::change_area_flags(const Step& s, Target& t, VmFlags clear,
                                               VmFlags set) {
  constexpr VmFlags kProt = kVmRead | kVmWrite;
  const bool ignored = ((clear | set) & (kVmLocked | kVmMergeable)) != 0;
  if (t.region->hugetlb() && ignored) return Outcome::ok;  // HUGE-8
  if (Hugetlb::cuts(*t.region, s, clear, set)) return Outcome::inval;
  try {
    t.region->areas.reserve(t.region->areas.size() + 2);
  } catch (const std::bad_alloc&) {
    return Outcome::oom;
  }
  RuleBits<bool> rules = rules_;
  if (Build::mutated(M::touched_merges_into_empty))
    rules.merges_touched_into_empty = true;  // VMA-2
  change_flags(
      rules, t.region->areas, s.first, s.last + 1,
      [&](VmFlags old) { return (old & ~clear) | set; },
      [&](std::uint32_t first, std::uint32_t end, VmFlags old, VmFlags flags) {
        if (huge_ != 0) split_edges(*t.mm, *t.region, first, end);
        if (vm_has(flags & ~old, kVmHugePage)) forget_empty_tables(*t.mm, *t.region, first, end);
        if ((clear & kProt) == 0) return;
        change_protection(*t.mm, *t.region, first, end, flags);
        if (mprotect_populates(old, flags))  // as far as it goes: mprotect does not say. LOCK-1
          populate_range(t, first, end, cpu_of(s.thread));
      });
  return Outcome::ok;
}

template <class Build> Outcome BasicMachine<Build>::do_mprotect(const Step& s) {
  Mm* late = protects_late<Build>() ? mm_slot(s.process) : nullptr;
  if (late != nullptr) Sync::fetch_add(late->tlb_flush_pending, 1);
  const Outcome outcome = change_range(s, [&](Target& t) {
    if (!all_mapped(t.region->areas, s.first, s.last + 1)) return Outcome::segv;
    if (!own_tables(*t.mm, reach_of(*t.region, s.first, s.last + 1, true))) return Outcome::oom;
    return change_area_flags(s, t, kVmRead | kVmWrite, prot_flags(s.prot));
  });
  if (late != nullptr) {
    flush(*late, 0, kAddressSpace);
    Sync::fetch_sub(late->tlb_flush_pending, 1);
  }
  return outcome;
}

template <class Build> Outcome BasicMachine<Build>::do_madvise(const Step& s) {
  if (s.advice == Advice::pageout) return page_out(s);
  if (s.advice == Advice::collapse) return Collapse{*this, cpu_of(s.thread)}.advise(s);
  if (s.advice == Advice::free) return GivenUp{*this, cpu_of(s.thread)}.advise(s);
  if (s.advice != Advice::dontneed)
    return change_range(s, [&](Target& t) { return advise_areas(s, t); });
  Mm* mm = mm_slot(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  const MmapReadLock held(mm->mmap_lock, cpu_of(s.thread));  // as faults do: areas stay
  migration_.wait_if_any();
  Target t;
  const Outcome found = find_range(s, t);
  return found == Outcome::ok ? dontneed(s, t) : found;
}

template <class Build> Outcome BasicMachine<Build>::advise_areas(const Step& s, Target& t) {
  // Only private memory without a file can be wiped.
  if (s.advice == Advice::wipeonfork && t.region->has_object() &&
      any_mapped(t.region->areas, s.first, s.last + 1) && !Build::mutated(M::wipeonfork_unrefused))
    return Outcome::inval;                                                      // ADV-2
  if (!all_mapped(t.region->areas, s.first, s.last + 1)) return Outcome::segv;  // ERR-4
  if (Build::mutated(M::wipeonfork_wipes_at_once) && s.advice == Advice::wipeonfork)
    zap_page_range(*t.mm, t.mm->root, *t.region, s.first, s.last + 1, cpu_of(s.thread));  // ADV-2
  switch (s.advice) {
    case Advice::dontfork: return change_area_flags(s, t, 0, kVmDontCopy);
    case Advice::dofork: return change_area_flags(s, t, kVmDontCopy, 0);
    case Advice::wipeonfork:
      if (t.region->hugetlb()) return Outcome::inval;
      return change_area_flags(s, t, 0, kVmWipeOnFork);
    case Advice::keeponfork: return change_area_flags(s, t, kVmWipeOnFork, 0);
    case Advice::mergeable:
      return t.region->share == Share::shared ? Outcome::ok
                                              : change_area_flags(s, t, 0, kVmMergeable);
    case Advice::hugepage:
      if (t.region->has_object()) return Outcome::ok;
      if (!own_tables(*t.mm, reach_of(*t.region, s.first, s.last + 1, true))) return Outcome::oom;
      Sync::store(huge_, 1);
      return change_area_flags(s, t, kVmNoHugePage, kVmHugePage);
    case Advice::nohugepage:
      return t.region->has_object() ? Outcome::ok
                                    : change_area_flags(s, t, kVmHugePage, kVmNoHugePage);
    case Advice::unmergeable: {
      if (!own_tables(*t.mm, reach_of(*t.region, s.first, s.last + 1, true))) return Outcome::oom;
      const Outcome broken = unmerge(t, s.first, s.last + 1, cpu_of(s.thread));
      return broken == Outcome::ok ? change_area_flags(s, t, kVmMergeable, 0) : broken;
    }
    case Advice::pageout:
    case Advice::free:
    case Advice::collapse:
    case Advice::dontneed: break;
  }
  return Outcome::inval;
}

template <class Build> Outcome BasicMachine<Build>::dontneed(const Step& s, Target& t) {
  if (any_has(t.region->areas, s.first, s.last + 1, kVmLocked) &&
      !Build::mutated(M::dontneed_takes_locked))
    return Outcome::inval;  // LOCK-2
  const bool mapped = all_mapped(t.region->areas, s.first, s.last + 1);
  if (mapped && Hugetlb{*this}.refuses_to_move(*t.region, s)) return Outcome::inval;
  const bool discards = mapped ? !Build::mutated(M::dontneed_leaves_entry)
                               : Build::mutated(M::refused_discard_discards);
  // A table that goes as it is would be forgotten, and a huge page could come in its place. HUGE-6
  const bool all = any_has(t.region->areas, s.first, s.last + 1, kVmHugePage);
  const Reach reach = reach_of(*t.region, s.first, s.last + 1, all);
  if (discards && !(all ? own_tables(*t.mm, reach) : own_edges(*t.mm, reach))) return Outcome::oom;
  if (discards)  // EXIT-3
    zap_page_range(*t.mm, t.mm->root, *t.region, s.first, s.last + 1, cpu_of(s.thread));
  return mapped ? Outcome::ok : Outcome::segv;  // ERR-4
}

// Linux: clear_soft_dirty. Private entries only, as the contract says.
template <class Build> Outcome BasicMachine<Build>::clear_refs(const Step& s) {
  Mm* mm = mm_slot(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  const MmapWriteLock held(mm->mmap_lock);
  migration_.wait_if_any();
  if (mm_of(s.process) == nullptr) return Outcome::nosuch;
  for (std::size_t r = 0; r < mm->regions.size(); ++r) {
    const MappedRegion& region = mm->regions[r];
    if (region.areas.empty() || region.share == Share::shared) continue;
    if (!own_tables(*mm, reach_of(region, 0, region.pages, true))) return Outcome::oom;
  }
  const Pte cleared = Build::mutated(M::clear_refs_keeps_write) ? kSoftDirty : kWrite | kSoftDirty;
  const NotifierRange range(*this, *mm, 0, kAddressSpace);
  for (std::size_t r = 0; r < mm->regions.size(); ++r) {
    const MappedRegion& region = mm->regions[r];
    if (region.areas.empty() || region.share == Share::shared) continue;
    if (region.hugetlb() && !Build::mutated(M::hugetlb_cleared)) continue;
    tables_.for_each_run(mm->root, region.base, region.vpn(region.pages),
                         [&](Pte* entries, Vpn, unsigned n) {  // SOFT-1
                           const PageTableLock lock(tables_.lock_of(entries));
                           for (unsigned i = 0; i < n; ++i)
                             if (Sync::load(entries[i]) != 0)
                               change_entry<Sync>(entries[i], [&](Pte e) { return e & ~cleared; });
                           return true;
                         });
  }
  flush(*mm, 0, kAddressSpace);
  return Outcome::ok;
}

}  // namespace cow::impl

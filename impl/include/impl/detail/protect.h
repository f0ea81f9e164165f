// What changes an area's attributes or its entries' bits: mprotect, madvise, clear-refs.
#pragma once

#include "impl/detail/entry.h"
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
  tables_.for_each_run(mm.root, region.vpn(first), region.vpn(end),
                       [&](Pte* entries, Vpn, unsigned n) {
                         for (unsigned i = 0; i < n; ++i)
                           if (pte_present(entries[i])) entries[i] = change_pte(entries[i], flags);
                         return true;
                       });
}

template <class Build>
Outcome BasicMachine<Build>::change_area_flags(const Step& s, Target& t, VmFlags clear,
                                               VmFlags set) {
  constexpr VmFlags kProt = kVmRead | kVmWrite;
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
      [&](std::uint32_t first, std::uint32_t end, VmFlags flags) {
        if ((clear & kProt) != 0) change_protection(*t.mm, *t.region, first, end, flags);
      });
  return Outcome::ok;
}

template <class Build> Outcome BasicMachine<Build>::do_mprotect(const Step& s) {
  Target t;
  const Outcome found = find_range(s, t);
  if (found != Outcome::ok) return found;
  if (!all_mapped(t.region->areas, s.first, s.last + 1)) return Outcome::segv;
  return change_area_flags(s, t, kVmRead | kVmWrite, prot_flags(s.prot));
}

template <class Build> Outcome BasicMachine<Build>::do_madvise(const Step& s) {
  Target t;
  const Outcome found = find_range(s, t);
  if (found != Outcome::ok) return found;
  // Only private memory without a file can be wiped.
  if (s.advice == Advice::wipeonfork && t.region->has_object() &&
      any_mapped(t.region->areas, s.first, s.last + 1) && !Build::mutated(M::wipeonfork_unrefused))
    return Outcome::inval;  // ADV-2
  if (!all_mapped(t.region->areas, s.first, s.last + 1)) {
    if (Build::mutated(M::refused_discard_discards) && s.advice == Advice::dontneed)
      zap_page_range(*t.mm, *t.region, s.first, s.last + 1);
    return Outcome::segv;  // ERR-4
  }
  if (Build::mutated(M::wipeonfork_wipes_at_once) && s.advice == Advice::wipeonfork)
    zap_page_range(*t.mm, *t.region, s.first, s.last + 1);  // ADV-2
  switch (s.advice) {
    case Advice::dontneed:
      if (!Build::mutated(M::dontneed_leaves_entry))
        zap_page_range(*t.mm, *t.region, s.first, s.last + 1);  // EXIT-3
      return Outcome::ok;
    case Advice::dontfork: return change_area_flags(s, t, 0, kVmDontCopy);
    case Advice::dofork: return change_area_flags(s, t, kVmDontCopy, 0);
    case Advice::wipeonfork: return change_area_flags(s, t, 0, kVmWipeOnFork);
    case Advice::keeponfork: return change_area_flags(s, t, kVmWipeOnFork, 0);
  }
  return Outcome::inval;
}

// Linux: clear_soft_dirty. Private entries only, as the contract says.
template <class Build> Outcome BasicMachine<Build>::clear_refs(const Step& s) {
  Mm* mm = mm_of(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  for (const MappedRegion& region : mm->regions) {
    if (region.areas.empty() || region.share == Share::shared) continue;
    const Pte cleared =
        Build::mutated(M::clear_refs_keeps_write) ? kSoftDirty : kWrite | kSoftDirty;
    tables_.for_each_run(mm->root, region.base, region.vpn(region.pages),
                         [cleared](Pte* entries, Vpn, unsigned n) {  // SOFT-1
                           for (unsigned i = 0; i < n; ++i)
                             entries[i] &= ~cleared;  // an absent one is 0 already
                           return true;
                         });
  }
  return Outcome::ok;
}

}  // namespace cow::impl

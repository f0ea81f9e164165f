// userfaultfd write protection. Linux: fs/userfaultfd.c, mwriteprotect_range.
#pragma once

#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/detail/protect.h"
#include "impl/detail/share.h"
#include "impl/machine.h"

namespace cow::impl {

// The region is registered as a whole; the range is protected, or no longer. UFFD-2
template <class Build> Outcome BasicMachine<Build>::do_uffd_wp(const Step& s) {
  return change_range(s, [&](Target& t) { return change_uffd_wp(s, t); });
}

template <class Build> Outcome BasicMachine<Build>::change_uffd_wp(const Step& s, Target& t) {
  MappedRegion& region = *t.region;
  if (region.has_object() && any_mapped(region.areas, s.first, s.last + 1) &&
      !Build::mutated(M::uffd_takes_files))
    return Outcome::inval;  // UFFD-2
  if (!all_mapped(region.areas, s.first, s.last + 1)) return Outcome::segv;
  if (!own_tables(*t.mm, reach_of(region, s.first, s.last + 1, true))) return Outcome::oom;
  for (Area& area : region.areas) area.flags |= kVmUffdWp;
  const Vpn first = region.vpn(s.first), end = region.vpn(s.last + 1);
  const NotifierRange range(*this, *t.mm, first, end);
  tables_.for_each_run(t.mm->root, first, end, [&](Pte* entries, Vpn vpn, unsigned n) {
    const PageTableLock held(tables_.lock_of(entries));
    split_partial(entries, n);
    for (unsigned i = 0; i < n; ++i) {
      if (Sync::load(entries[i]) == 0) continue;
      const auto page = static_cast<std::uint32_t>(vpn + i - region.base);
      const VmFlags area = find_area(region.areas, page)->flags;
      change_entry<Sync>(entries[i],
                         [&](Pte e) { return s.on ? (e | kUffdWp) & ~kWrite : lifted(e, area); });
    }
    return true;
  });
  flush(*t.mm, first, end);
  return Outcome::ok;
}

// Write comes back at once where the rules say so, as from mprotect. UFFD-1
template <class Build> Pte BasicMachine<Build>::lifted(Pte e, VmFlags area) const {
  e &= ~kUffdWp;
  if (Build::mutated(M::uffd_lift_gives_write) && pte_present(e)) return maybe_mkwrite(e, area);
  const bool restores = rules_.uffd_restores_write && pte_present(e) &&
                        can_change_pte_writable(rules_, area, e, frames_.flags(pte_frame(e)));
  return restores ? e | kWrite : e;
}

}  // namespace cow::impl

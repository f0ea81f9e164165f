// userfaultfd write protection. Linux: fs/userfaultfd.c, mwriteprotect_range.
#pragma once

#include <algorithm>
#include <optional>

#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/detail/protect.h"
#include "impl/detail/share.h"
#include "impl/machine.h"

namespace cow::impl {

inline bool is_registered(const MappedRegion& region) {
  return std::all_of(region.areas.begin(), region.areas.end(),
                     [](const Area& area) { return vm_has(area.flags, kVmUffdWp); });
}

// The region is registered as a whole, once, with nobody beside; the range is protected, or no
// longer, beside faults. What was mapped anew in between is registered too. UFFD-2
template <class Build> Outcome BasicMachine<Build>::do_uffd_wp(const Step& s) {
  for (;;) {
    if (const auto done = mwriteprotect_range(s)) return *done;
    const Outcome registered = change_range(s, [&](Target& t) {
      MappedRegion& region = *t.region;
      const bool no_anon = region.has_object() && any_mapped(region.areas, s.first, s.last + 1);
      if (no_anon && !Build::mutated(M::uffd_takes_files)) return Outcome::inval;  // UFFD-2
      if (!all_mapped(region.areas, s.first, s.last + 1)) return Outcome::segv;
      if (region.hugetlb()) return Outcome::inval;  // HUGE-8
      for (Area& area : region.areas) area.flags |= kVmUffdWp;
      return Outcome::ok;
    });
    if (registered != Outcome::ok) return registered;
  }
}

// None: the region is not registered.
template <class Build>
std::optional<Outcome> BasicMachine<Build>::mwriteprotect_range(const Step& s) {
  Mm* mm = mm_slot(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  const MmapReadLock held(mm->mmap_lock, cpu_of(s.thread));
  migration_.wait_if_any();
  Target t;
  if (const Outcome found = find_range(s, t); found != Outcome::ok) return found;
  if (!is_registered(*t.region)) return std::nullopt;
  if (!all_mapped(t.region->areas, s.first, s.last + 1)) return Outcome::segv;
  if (!own_tables(*mm, reach_of(*t.region, s.first, s.last + 1, true))) return Outcome::oom;
  change_uffd_wp(s, t);
  return Outcome::ok;
}

// Entries first, table after table, and their translations at the end: a write fault may come
// between the two, and is told by the count. WP-3
template <class Build> void BasicMachine<Build>::change_uffd_wp(const Step& s, const Target& t) {
  const MappedRegion& region = *t.region;
  const Vpn first = region.vpn(s.first), end = region.vpn(s.last + 1);
  const NotifierRange range(*this, *t.mm, first, end);
  Sync::fetch_add(t.mm->tlb_flush_pending, 1);
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
  Sync::fetch_sub(t.mm->tlb_flush_pending, 1);
}

// Where the rules say so write comes back at once, as from mprotect; where not, an entry that was
// not protected loses it. UFFD-1
template <class Build> Pte BasicMachine<Build>::lifted(Pte e, VmFlags area) const {
  e &= ~kUffdWp;
  if (!pte_present(e)) return e;
  if (Build::mutated(M::uffd_lift_gives_write)) return maybe_mkwrite(e, area);
  if (!rules_.uffd_restores_write) return pte_wrprotect(e);
  return can_change_pte_writable(rules_, area, e, frames_.flags(pte_frame(e))) ? e | kWrite : e;
}

}  // namespace cow::impl

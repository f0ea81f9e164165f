// Locked memory, and the faults that are taken for it beforehand. Linux: mm/mlock.c, mm/gup.c.
#pragma once

#include "impl/detail/gup.h"
#include "impl/machine.h"

namespace cow::impl {

// REQUIRES: nothing is held.
template <class Build>
Outcome BasicMachine<Build>::apply_vma_lock_flags(const Step& s, VmFlags clear, VmFlags set) {
  return change_range(s, [&](Target& t) {
    if (!all_mapped(t.region->areas, s.first, s.last + 1)) return Outcome::segv;
    return change_area_flags(s, t, clear, set);
  });
}

// The areas first, and then, beside other faults, their pages. Of those only memory that lacks is
// said: what cannot be populated otherwise is locked all the same. LOCK-1
template <class Build> Outcome BasicMachine<Build>::do_mlock(const Step& s) {
  const Outcome locked = apply_vma_lock_flags(s, 0, kVmLocked);
  if (locked != Outcome::ok) return locked;
  const unsigned cpu = cpu_of(s.thread);
  const typename Hugetlb::Lock held(*this, *mm_slot(s.process), cpu);
  Target t;
  if (find_range(s, t) != Outcome::ok) return Outcome::ok;  // gone since it was locked
  const Outcome populated = populate_range(t, s.first, s.last + 1, cpu);
  return populated == Outcome::oom ? populated : Outcome::ok;
}

template <class Build> Outcome BasicMachine<Build>::do_munlock(const Step& s) {
  return apply_vma_lock_flags(s, kVmLocked, 0);
}

// Page after page has its fault, where it needs one, until one is refused; that refusal, or ok.
// Linux: populate_vma_page_range. REQUIRES: the mmap_lock.
template <class Build>
Outcome BasicMachine<Build>::populate_range(Target t, std::uint32_t first, std::uint32_t end,
                                            unsigned cpu) {
  for (std::uint32_t page = first; page < end; ++page) {
    t.area = find_area(t.region->areas, page);
    if (t.area == nullptr) continue;  // gone since it was locked
    const bool writes =
        populates_for_writing(t.area->flags) && !Build::mutated(M::lock_populates_for_reading);
    const GupFlags gup = kFollPopulate | (writes ? kFollWrite : 0);
    FrameNo mapped = kNoPage;
    const Outcome got = get_user_page(t, page, gup, cpu, mapped);
    if (refused(got)) return got;
  }
  return Outcome::ok;
}

}  // namespace cow::impl

// Advice that takes pages away or puts others in their place: the loops of MADV_FREE, MADV_PAGEOUT
// and MADV_COLLAPSE around their events.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "spec/collapse.h"
#include "spec/system.h"

namespace cow::spec {

template <class L> class Madvise : public System<L> {
 public:
  using System<L>::System, System<L>::m;

 protected:
  using System<L>::swap_out;

  // MADV_FREE. A huge page is given up as one where all of it is; else its folio is split, and
  // stays as it is where that cannot be.
  Outcome give_up(const Step& step) {
    if (const auto refusal = this->refuse_change(step)) return *refusal;
    this->for_entries(step.process, step.region, step.first, step.last, [&](const Slot& s) {
      if (is_swap(std::as_const(m), s) || can_give_up(s, step.first, step.last))
        madvise_free_pte(m, s);
    });
    return Outcome::ok;
  }
  bool can_give_up(const Slot& s, std::uint32_t first, std::uint32_t last) {
    const Frame f = m.frame_at(s);
    if (is_zero_page(m, f) || !is_large(m, f)) return true;
    const std::uint32_t start = s.page / kHugePages * kHugePages;
    if (maps_huge(m, s) && first <= start && start + kHugePages - 1 <= last)
      return m.folio.none_mapped_twice(m, f);
    if (m.mapped.count(f) != 1 || !can_be_small(m, f)) return false;
    split_folio(m, f);
    return true;
  }
  // MADV_COLLAPSE, area by area: each must have room for a huge page (HUGE-7). Of what shows a file
  // the copies that others see would have to move: not modelled.
  Outcome collapse(const Step& step) {
    if (const auto refusal = this->refuse_change(step)) return *refusal;
    const RegionLayout& region = m.area.region(step.process, step.region);
    if (!m.rules.collapses) return Outcome::inval;
    Outcome outcome = Outcome::ok;  // busy: what could be collapsed was
    for (const auto& run : region.areas.all()) {
      if (run.first > step.last || run.last < step.first) continue;
      const auto& vma = std::as_const(m).vma[run.value];
      if (vma.shmem) continue;
      const std::uint32_t from = (std::max(run.first, step.first) + kHugePages - 1) / kHugePages;
      const std::uint32_t to = (std::min(run.last, step.last) + 1) / kHugePages;
      if (vma.file || vma.nohugepage || !holds_huge(run) || from > to) return Outcome::inval;
      for (std::uint32_t h = from; h < to; ++h) {
        const Slot s{step.process, step.region, h * kHugePages};
        const Outcome done = collapse_huge_page(m, ThreadId{0}, s);  // a read copies nothing
        if (done == Outcome::busy) outcome = done;
        else if (done != Outcome::ok) return done;
      }
    }
    return outcome;
  }
  // MADV_PAGEOUT leaves what others map too, and what cannot go (ADV-3).
  Outcome page_out(const Step& step) {
    if (const auto refusal = this->refuse_change(step)) return *refusal;
    this->for_present(step.process, step.region, step.first, step.last, [&](const Slot& s) {
      if (m.mapped.count(m.frame_at(s)) == 1) swap_out(s);
    });
    return Outcome::ok;
  }
};

}  // namespace cow::spec

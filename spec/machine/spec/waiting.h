// Which thread may have its next event: mmap_lock, and what needs no lock.
#pragma once

#include <utility>
#include <vector>

#include "spec/activity.h"
#include "spec/machine.h"

namespace cow::spec {

template <class L> class Waiting : public Machine<L> {
  using Base = Machine<L>;

 public:
  using Base::Base, Base::m;

  const std::vector<Activity>& activities() const { return activities_; }

  // May the thread's next event happen now? Else it waits for mmap_lock.
  bool can_go(ThreadId t) const {
    const Activity& a = of(t);
    if (a.at == At::idle) return false;
    if (a.lock != Held::none) return true;
    if (is_through_reference(a.step) || !exists(a.step) || needs_no_lock(t, a)) return true;
    return can_lock(activities_, a, writes_mm(a.step));
  }

 protected:
  using Base::place;

  Activity& of(ThreadId t) { return activities_[static_cast<std::size_t>(t)]; }
  const Activity& of(ThreadId t) const { return activities_[static_cast<std::size_t>(t)]; }
  // userfaultfd's protection is for readers, once the region is registered (WP-3).
  bool writes_mm(const Step& step) const {
    if (step.op == Op::uffd_wp) return !this->is_registered(step);
    return !is_access(step.op) && !Base::discards(step) && !Base::pages_out(step);
  }

  bool exists(const Step& step) const {
    if (step.op == Op::sys_fail_alloc || step.op == Op::sys_fail_table) return true;
    if (is_being_born(activities_, step.process)) return false;
    return Base::exists(step);
  }
  bool needs_no_lock(ThreadId t, const Activity& a) const {
    const Step& step = a.step;
    if (is_system(step)) return true;
    if (step.op == Op::read || step.op == Op::write)
      return entry_allows(place(step), Base::access_of(step.op));
    if (step.op != Op::pin || !step.fast) return false;
    return a.at == At::begin || fast_takes(t);
  }
  // The processor asks the entry alone; that an area of PROT_NONE has entries which forbid reading
  // is written in the area here.
  bool entry_allows(const Slot& s, Access a) const {
    return pte_allows(m, s, a) && (a == Access::write || std::as_const(m).vma[m.area.of(s)].read);
  }
  // PIN-2. A fast FOLL_PIN that meets a fork of its mm is undone, and waits for it the slow way.
  bool fast_takes(ThreadId t) const {
    const Step& step = of(t).step;
    const Gup gup = Base::gup_of(step);
    return !(gup.pin && fork_runs(activities_, step.process)) &&
           entry_allows(place(step), Access::read) && gup_fast_takes(m, place(step), gup);
  }

  std::vector<Activity> activities_;
};

}  // namespace cow::spec

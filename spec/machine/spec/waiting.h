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
  static bool writes_mm(const Step& step) {
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

  // What a processor may have cached of an entry. It writes through a translation only once that
  // is dirty; to set the dirty bit it looks at the entry again.
  Stale translation(ThreadId t, const Slot& s) const {
    const auto& pte = m.pte[s];
    return {t, s, pte.frame, pte.writable && pte.dirty};
  }
  // Reclaim, migration, KSM, MADV_FREE and MADV_COLLAPSE flush the entries of the pages that they
  // take (MIG-2, SWAP-1, KSM-2).
  Result run_system(const Step& step) {
    const std::vector<Frame> pages = pages_to_take(step);
    const Result result = this->run(step);
    if (result.outcome == Outcome::ok)
      for (const Frame f : pages) stale_.taken(f);
    return result;
  }
  std::vector<Frame> pages_to_take(const Step& step) const {
    std::vector<Frame> pages;
    const auto add = [&](const Slot& s) {
      if (!std::as_const(m).pte[s].present) return;
      const Frame f = m.frame_at(s);
      if (!is_large(m, f)) pages.push_back(f);
      else
        for (const Frame page : m.folio.find(f)->pages) pages.push_back(page);
    };
    if (step.op == Op::sys_swapout || step.op == Op::sys_migrate) add(place(step));
    const bool by_range = Base::pages_out(step) || Base::gives_up(step) || Base::collapses(step);
    for (Slot s = place(step); by_range && s.page <= step.last; ++s.page) add(s);
    if (step.op == Op::sys_ksm)
      for (const Slot& s : {place(step), Base::other_place(step)}) add(s);
    return pages;
  }

  std::vector<Activity> activities_;
  StaleTranslations stale_;
};

}  // namespace cow::spec

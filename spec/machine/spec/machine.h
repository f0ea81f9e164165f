// The specification as a machine that takes steps: the loops around the events, nothing decided
// here.
#pragma once

#include <algorithm>
#include <utility>

#include "cow/step.h"
#include "logic/concrete.h"
#include "spec/gup.h"
#include "spec/madvise.h"
#include "spec/mlock.h"

namespace cow::spec {

template <class L = Concrete> class Machine : public Madvise<L> {
 public:
  using Madvise<L>::Madvise, Madvise<L>::m, Madvise<L>::alive;
  using Madvise<L>::pages_in, Madvise<L>::is_mapped;

  Result run(const Step& step) {
    for_all_tables([](auto& table) { table.forget(); });
    return step.op >= Op::ref_read && step.op <= Op::unpin ? through_reference(step) : act(step);
  }

  void for_all_tables(auto f) {
    f(m.pte), f(m.page), f(m.block), f(m.ref), f(m.mapped), f(m.gets), f(m.pins), f(m.rss);
    f(m.vma), f(m.mm), f(m.copying), f(m.temps), f(m.fresh);
    m.folio.forget_marks();
    f(m.swap_pte), f(m.swap), f(m.more), f(m.uffd), f(m.swapped);
  }

  // Named references and stray ones share one table: even numbers, odd numbers.
  static RefId name(Ref k) { return RefId{2 * index(k)}; }

 protected:
  // STEP-1. Is there what the step speaks of?
  bool exists(const Step& step) const {
    const bool whole = step.op == Op::map || step.op == Op::fork || step.op == Op::exit ||
                       step.op == Op::sys_clear_refs;
    return alive(step.process) && (whole || step.last < pages_in(step.process, step.region)) &&
           (step.op != Op::sys_ksm || other_place(step).page < pages_in(step.child, step.to));
  }
  static bool is_force(Op op) { return op == Op::force_read || op == Op::force_write; }
  static Access access_of(Op op) {
    return op == Op::write || op == Op::force_write ? Access::write : Access::read;
  }
  static Slot place(const Step& step) { return {step.process, step.region, step.first}; }
  static Slot other_place(const Step& step) { return {step.child, step.to, step.at}; }
  static Gup gup_of(const Step& step) {
    return {step.prot == Prot::rw, step.foll_pin, step.longterm, step.fast, false};
  }
  // Does the area let the step be tried (WP-5)? REQUIRES: it is mapped.
  bool area_permits(const Step& step) const {
    const auto& vma = m.vma[m.area.of(place(step))];
    if (step.op == Op::pin) return step.prot == Prot::rw ? vma.write : vma.read;
    if (access_of(step.op) == Access::read) return vma.read || is_force(step.op);
    return vma.write || (is_force(step.op) && !vma.shared && !is_hugetlb(m, place(step)));
  }

  // How far a call of FOLL_FORCE has come. Before 6.0 a write is content with a read-only entry
  // once a fault of this very call has done the COW step and the entry is dirty (FOLL_COW, PIN-4).
  struct Forced {
    bool present_before = false;  // the last fault found an entry
    int faults = 0;
  };
  bool has_entry(const Slot& s) const { return m.pte[s].present || is_swap(m, s); }
  std::optional<Access> forced_needs(const Slot& s, Access a, const Forced& forced) const {
    const auto& pte = m.pte[s];
    const bool cow_done =
        forced.present_before && forced.faults > 0 && pte.dirty && !m.vma[m.area.of(s)].write;
    if (pte_allows(m, s, a) || force_accepts(m, s)) return std::nullopt;
    if (!m.rules.force_accepts_exclusive && cow_done && pte.present) return std::nullopt;
    return a;
  }

  // What a byte of the frame is, or becomes.
  Result carry_out(const Step& step, Frame f, Outcome o) {
    if (step.op == Op::read || step.op == Op::force_read)
      return {o, true, page_of(f).data[step.cell]};
    if (is_force(step.op)) set_page_dirty(m, f);
    store(m, f, step.cell, step.value);
    return {o};
  }
  RefId hold_stray(const Slot& s) {
    const RefId k = stray_name(next_stray_++);
    grab_page(m, k, s,
              Gup{.write = false, .pin = false, .longterm = false, .fast = false, .stray = true});
    return k;
  }
  const auto& strays() const { return strays_; }

  // Who handles the faults of a whole step.
  ThreadId self_{0};
  auto populates(const Step& step) {
    return [this, &step](std::uint32_t first, std::uint32_t last) {
      populate(step.process, step.region, first, last);
    };
  }

 private:
  static constexpr int kFaults = 8;  // LIVE-1: no access needs more

  Result act(const Step& step) {
    const Pid p = step.process;
    if (step.op == Op::sys_fail_alloc) m.memory.fail_in = step.count;
    if (step.op == Op::sys_fail_alloc || step.op == Op::sys_fail_table) return {};
    if (!exists(step)) return {Outcome::nosuch};
    switch (step.op) {
      case Op::map: return {this->map(step)};
      case Op::fork: return {this->fork(p, step.child)};
      case Op::exit: return {this->exit(p)};
      case Op::sys_clear_refs: return {this->clear_refs(p)};
      case Op::unmap: return {this->unmap(p, step.region, step.first, step.last)};
      case Op::remap: return {this->remap(step)};
      case Op::lock: return {lock(step)};
      case Op::uffd_wp: return {this->change_uffd(step)};
      case Op::unlock:
      case Op::protect: return {this->change(step, populates(step))};
      case Op::advise: return {advise(step)};
      case Op::sys_unref: return {sys_unref(place(step))};
      default: break;
    }
    const Slot s = place(step);
    if (step.op == Op::pin && m.ref[name(step.ref)].live) return {Outcome::inval};
    if (step.op == Op::pin && step.foll_pin)
      mark_has_pinned(m, s);  // also where it is then refused
    if (!is_mapped(s)) return {Outcome::segv};
    switch (step.op) {
      case Op::pin: return {pin(s, step)};
      case Op::sys_ref: return {sys_ref(s)};
      case Op::sys_swapout: return {this->swap_out(s)};
      case Op::sys_migrate: return {this->migrate(s)};
      case Op::sys_ksm:
        return {is_mapped(other_place(step)) ? this->ksm_merge(s, other_place(step))
                                             : Outcome::segv};
      default: return access(s, step);
    }
  }

  // COPY-4. Faults until the entry allows the access; the outcome is the first fault's.
  std::optional<Outcome> fault(const Slot& s, Access access) {
    if (is_hugetlb(m, s)) return hugetlb_fault(m, s, access);
    for (int i = 0; i < kFaults; ++i) {
      if (const auto done = handle_pte_fault(m, self_, s, access)) return *done;
      if (!wp_copy_contents(m, self_)) return Outcome::oom;
      if (wp_copy_switch(m, self_)) return Outcome::copied;
    }
    return Outcome::busy;
  }
  Outcome fault_until(const Slot& s, auto next_access) {
    std::optional<Outcome> first;
    for (int i = 0; i < kFaults; ++i) {
      const std::optional<Access> want = next_access();
      if (!want) return first.value_or(Outcome::hit);
      const Outcome o = *fault(s, *want);
      if (refused(o)) return o;
      if (!first) first = o;
    }
    return Outcome::busy;
  }

  Result access(const Slot& s, const Step& step) {
    if (!area_permits(step)) return {Outcome::segv};
    const Access a = access_of(step.op);
    const Outcome o = is_force(step.op) ? get_forced(s, a) : use(s, a);
    if (refused(o)) return {is_force(step.op) ? Outcome::segv : o};
    return carry_out(step, m.frame_at(s), o);
  }
  Outcome use(const Slot& s, Access a) {
    const Outcome o = fault_until(s, [&]() -> std::optional<Access> {
      if (pte_allows(m, s, a)) return std::nullopt;
      return a;
    });
    if (!refused(o)) mark_accessed(m, s, a);
    return o;
  }
  Outcome get_forced(const Slot& s, Access a) {
    Forced forced;
    return fault_until(s, [&] {
      const std::optional<Access> need = forced_needs(s, a, forced);
      forced = {has_entry(s), forced.faults + 1};
      return need;
    });
  }

  // mlock: the areas, then their pages.
  Outcome lock(const Step& step) {
    const Outcome o = this->change(step, populates(step));
    return refused(o) ? o : populate(step.process, step.region, step.first, step.last);
  }
  // Page after page until one cannot be had; only memory that lacks is said (LOCK-1).
  Outcome populate(Pid p, Region r, std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t page = first; page <= last; ++page) {
      const Slot s{p, r, page};
      if (!vma_of(std::as_const(m), s).read) return Outcome::ok;
      const Outcome o = fault_until(s, [&] { return populate_needs_fault(m, s); });
      if (refused(o)) return o == Outcome::oom ? o : Outcome::ok;
    }
    return Outcome::ok;
  }
  // unmergeable first breaks what was merged (unmerge_ksm_pages, KSM-3).
  Outcome advise(const Step& step) {
    if (this->pages_out(step)) return this->page_out(step);
    if (this->gives_up(step)) return this->give_up(step);
    if (this->collapses(step)) return this->collapse(step);
    const bool breaks = step.advice == Advice::unmergeable && !this->refuse_change(step);
    for (std::uint32_t page = step.first; breaks && page <= step.last; ++page)
      if (break_ksm(Slot{step.process, step.region, page}) == Outcome::oom) return Outcome::oom;
    return this->change(step, populates(step));
  }
  Outcome break_ksm(const Slot& s) {
    const Access access = m.rules.unmerge_unshares ? Access::unshare : Access::write;
    return fault_until(s, [&]() -> std::optional<Access> {
      const auto& pte = std::as_const(m).pte[s];
      if (pte.present && is_ksm(m, pte.frame) && vma_of(std::as_const(m), s).mergeable)
        return access;
      return std::nullopt;
    });
  }
  Outcome pin(const Slot& s, const Step& step) {
    const Gup gup = gup_of(step);
    if (!area_permits(step)) return Outcome::segv;
    if (!(gup.fast && gup_fast_takes(m, s, gup))) {
      const Outcome o = fault_until(s, [&] { return gup_needs_fault(m, s, gup); });
      if (refused(o)) return o;
    }
    grab_page(m, name(step.ref), s, gup);
    return Outcome::ok;
  }
  Result through_reference(const Step& step) {
    const auto k = name(step.ref);
    const auto& ref = std::as_const(m).ref[k];
    if (!ref.live) return {Outcome::nosuch};
    if (step.op == Op::ref_read) return {Outcome::ok, true, page_of(ref.frame).data[step.cell]};
    if (step.op == Op::ref_write && !ref.write) return {Outcome::inval};
    if (ref.write) set_page_dirty(m, Frame{ref.frame});  // at the write, and at its end
    if (step.op == Op::ref_write) store(m, Frame{ref.frame}, step.cell, step.value);
    else release_page(m, k);
    return {};
  }
  Outcome sys_ref(const Slot& s) {
    if (!std::as_const(m).pte[s].present) return Outcome::inval;
    strays_.emplace_back(s, hold_stray(s));
    return Outcome::ok;
  }
  Outcome sys_unref(const Slot& s) {
    for (std::size_t i = strays_.size(); i-- > 0;) {
      if (strays_[i].first != s) continue;
      release_page(m, strays_[i].second);
      strays_.erase(strays_.begin() + static_cast<std::ptrdiff_t>(i));
      return Outcome::ok;
    }
    return Outcome::inval;
  }

  const auto& page_of(Frame f) const { return m.page[f]; }
  static RefId stray_name(std::uint32_t k) { return RefId{2 * k + 1}; }

  std::vector<std::pair<Slot, RefId>> strays_;
  std::uint32_t next_stray_ = 0;
};

}  // namespace cow::spec

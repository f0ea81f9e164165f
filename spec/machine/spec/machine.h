// The specification as a machine that takes steps: the loops around the events, nothing decided
// here.
#pragma once

#include <algorithm>
#include <utility>

#include "cow/step.h"
#include "logic/concrete.h"
#include "spec/gup.h"
#include "spec/processes.h"

namespace cow::spec {

template <class L = Concrete> class Machine : public Processes<L> {
 public:
  using Processes<L>::Processes, Processes<L>::m, Processes<L>::alive;
  using Processes<L>::pages_in, Processes<L>::is_mapped;

  Result run(const Step& step) {
    for_all_tables([](auto& table) { table.forget(); });
    return step.op >= Op::ref_read && step.op <= Op::unpin ? through_reference(step) : act(step);
  }

  void for_all_tables(auto f) {
    f(m.pte), f(m.page), f(m.block), f(m.ref), f(m.mapped), f(m.gets), f(m.pins), f(m.rss);
    f(m.vma), f(m.mm), f(m.copying), f(m.temps), f(m.fresh);
  }

  // Named references and stray ones share one table: even numbers, odd numbers.
  static RefId name(Ref k) { return RefId{2 * index(k)}; }

 private:
  static constexpr ThreadId kThread{0};
  static constexpr int kFaults = 8;  // LIVE-1: no access needs more

  Result act(const Step& step) {
    const Pid p = step.process;
    if (step.op == Op::sys_fail_alloc) m.memory.fail_in = step.count;
    if (step.op == Op::sys_fail_alloc || step.op == Op::sys_fail_table) return {};
    if (!alive(p)) return {Outcome::nosuch};  // STEP-1
    switch (step.op) {
      case Op::map: return {this->map(step)};
      case Op::fork: return {this->fork(p, step.child)};
      case Op::exit: return {this->exit(p)};
      case Op::sys_clear_refs: return {this->clear_refs(p)};
      default: break;
    }
    if (step.last >= pages_in(p, step.region)) return {Outcome::nosuch};
    switch (step.op) {
      case Op::unmap: return {this->unmap(p, step.region, step.first, step.last)};
      case Op::protect:
      case Op::advise: return {this->change(step)};
      case Op::sys_unref: return {sys_unref({p, step.region, step.first})};
      default: break;
    }
    const Slot s{p, step.region, step.first};
    if (step.op == Op::pin && m.ref[name(step.ref)].live) return {Outcome::inval};
    if (step.op == Op::pin && step.foll_pin)
      mark_has_pinned(m, s);  // also where it is then refused
    if (!is_mapped(s)) return {Outcome::segv};
    switch (step.op) {
      case Op::pin: return {pin(s, step)};
      case Op::sys_ref: return {sys_ref(s)};
      default: return access(s, step);
    }
  }

  // COPY-4. Faults until the entry allows the access; the outcome is the first fault's.
  std::optional<Outcome> fault(const Slot& s, Access access) {
    for (int i = 0; i < kFaults; ++i) {
      if (const auto done = handle_pte_fault(m, kThread, s, access)) return *done;
      if (!wp_copy_contents(m, kThread)) return Outcome::oom;
      if (wp_copy_switch(m, kThread)) return Outcome::copied;
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
    const bool force = step.op == Op::force_read || step.op == Op::force_write;
    const bool write = step.op == Op::write || step.op == Op::force_write;
    const auto& vma = std::as_const(m).vma[m.area.of(s)];
    const bool allowed = write ? vma.write || (force && !vma.shared) : vma.read || force;
    if (!allowed) return {Outcome::segv};  // WP-5
    const Access a = write ? Access::write : Access::read;
    const Outcome o = force ? get_forced(s, a) : use(s, a);
    if (refused(o)) return {force ? Outcome::segv : o};
    const Frame f = m.frame_at(s);
    if (!write) return {o, true, std::as_const(m).page[f].data[step.cell]};
    store(m, f, step.cell, step.value);
    return {o};
  }
  Outcome use(const Slot& s, Access a) {
    const Outcome o = fault_until(s, [&]() -> std::optional<Access> {
      if (pte_allows(m, s, a)) return std::nullopt;
      return a;
    });
    if (!refused(o)) mark_accessed(m, s, a);
    return o;
  }
  // FOLL_FORCE. Before 6.0 a write is content with a read-only entry once a fault of this very call
  // has done the COW step and the entry is dirty (FOLL_COW, PIN-4).
  Outcome get_forced(const Slot& s, Access a) {
    bool present_before = false;
    int faults = 0;
    return fault_until(s, [&]() -> std::optional<Access> {
      const auto& pte = std::as_const(m).pte[s];
      const bool cow_done =
          present_before && faults > 0 && pte.dirty && !std::as_const(m).vma[m.area.of(s)].write;
      if (pte_allows(m, s, a) || force_accepts(m, s)) return std::nullopt;
      if (!m.rules.force_accepts_exclusive && cow_done && pte.present) return std::nullopt;
      present_before = pte.present;
      ++faults;
      return a;
    });
  }

  Outcome pin(const Slot& s, const Step& step) {
    const Gup gup{step.prot == Prot::rw, step.foll_pin, step.longterm, step.fast, false};
    const auto& vma = std::as_const(m).vma[m.area.of(s)];
    if (gup.write ? !vma.write : !vma.read) return Outcome::segv;
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
    if (step.op == Op::ref_write) store(m, Frame{ref.frame}, step.cell, step.value);
    else release_page(m, k);
    return {};
  }
  Outcome sys_ref(const Slot& s) {
    if (!std::as_const(m).pte[s].present) return Outcome::inval;
    strays_.emplace_back(s, stray_name(next_stray_++));
    grab_page(m, strays_.back().second, s,
              Gup{.write = false, .pin = false, .longterm = false, .fast = false, .stray = true});
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

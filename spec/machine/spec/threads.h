// Threads that take steps at once: the loops of machine.h taken apart, so that between two events
// of one thread the others may have theirs. Nothing about a page is decided here. One event is what
// the kernel does under the page-table lock, or without any lock in one piece. mmap_lock is a
// condition on who may go next. What a processor may have cached of an entry can be used until the
// flush at the end of the step that changed it: a choice beside the thread's own next event.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "spec/flushing.h"

namespace cow::spec {

template <class L = Concrete> class Threads : public Flushing<L> {
  using Base = Flushing<L>;

 public:
  using Base::Base, Base::m, Base::alive, Base::is_mapped, Base::strays;
  static constexpr std::size_t kMostThreads = 64;

  // The first so many numbers are threads.
  void add_threads(std::size_t count) {
    activities_.resize(count);
    this->self_ = ThreadId{static_cast<std::uint32_t>(count)};
  }
  void start(ThreadId t, const Step& step) {
    of(t) = {};
    of(t).step = step;
    of(t).at = At::begin;
  }

  // The thread's next event. The result, if that ends the step. REQUIRES: can_go(t).
  std::optional<Result> go(ThreadId t) {
    this->for_all_tables([](auto& table) { table.forget(); });
    switch (of(t).at) {
      case At::contents: return contents(t);
      case At::switching: return switch_entry(t);
      case At::letting_go: return let_go(t);
      case At::bytes: return bytes(t);
      case At::entries: return next_entry(t);
      case At::flush: return flush(t);
      case At::releasing: return release_next(t);
      default: return begin(t);
    }
  }
  // Can the thread's access be done through this stale translation instead?
  bool can_use(ThreadId t, const Stale& s) const {
    const Activity& a = of(t);
    const bool plain = a.step.op == Op::read || (a.step.op == Op::write && s.writable);
    return plain && a.at <= At::look && a.at != At::idle && s.slot == place(a.step) &&
           (s.cpus & cpu_bit(a.step)) != 0 && exists(a.step);
  }
  // The entry is not looked at, so no bit of it changes.
  Result use(ThreadId t, const Stale& s) {
    this->for_all_tables([](auto& table) { table.forget(); });
    const Outcome o = of(t).first.value_or(Outcome::hit);
    return done(t, this->carry_out(of(t).step, s.frame, o));
  }

 private:
  using Base::activities_, Base::of, Base::place, Base::exists, Base::entry_allows;
  using Base::fast_takes, Base::writes_mm, Base::stale_;

  Result done(ThreadId t, Result result) {
    Activity& a = of(t);
    if (Base::is_force(a.step.op) && refused(result.outcome) && result.outcome != Outcome::nosuch)
      result = {Outcome::segv};
    a = {};
    return result;
  }
  Result done(ThreadId t, Outcome o) { return done(t, Result{o}); }

  std::optional<Result> begin(ThreadId t) {
    Activity& a = of(t);
    const Step& step = a.step;
    if (is_through_reference(step)) return done(t, this->run(step));
    if (!exists(step)) return done(t, Outcome::nosuch);
    if (is_system(step)) return done(t, this->run_and_flush(step));
    if (step.op == Op::pin) return pin(t);
    if (Base::is_force(step.op)) return force(t);
    if (is_access(step.op)) return access(t);
    return begin_range(t);
  }

  // An access by the processor.
  std::optional<Result> access(ThreadId t) {
    const Step& step = of(t).step;
    const Slot s = place(step);
    const Access want = Base::access_of(step.op);
    stale_.looked(step, s);
    if (entry_allows(s, want)) {
      mark_accessed(m, s, want);
      return done(t, this->carry_out(step, m.frame_at(s), of(t).first.value_or(Outcome::hit)));
    }
    if (!is_mapped(s) || !this->area_permits(step)) return done(t, Outcome::segv);
    return fault(t, want);
  }
  // FOLL_FORCE holds mmap_lock, and a reference on the page while it touches the bytes.
  std::optional<Result> force(ThreadId t) {
    Activity& a = of(t);
    const Slot s = place(a.step);
    a.lock = Held::read;
    if (!is_mapped(s) || !this->area_permits(a.step)) return done(t, Outcome::segv);
    const auto need =
        this->forced_needs(s, Base::access_of(a.step.op), {a.present_before, a.faults});
    a.present_before = this->has_entry(s);
    if (need) return fault(t, *need);
    a.holds.push_back(this->hold_stray(s));
    a.at = At::bytes;
    return std::nullopt;
  }
  std::optional<Result> bytes(ThreadId t) {
    Activity& a = of(t);
    const RefId k = a.holds.back();
    const Result result = this->carry_out(a.step, Frame{std::as_const(m).ref[k].frame},
                                          a.first.value_or(Outcome::hit));
    release_page(m, k);
    return done(t, result);
  }
  std::optional<Result> pin(ThreadId t) {
    Activity& a = of(t);
    const Step& step = a.step;
    const Slot s = place(step);
    if (std::as_const(m).ref[Base::name(step.ref)].live) return done(t, Outcome::inval);
    if (a.at == At::begin && step.foll_pin) mark_has_pinned(m, s);
    const bool tries_fast = a.lock == Held::none && step.fast;
    if (tries_fast && a.at == At::begin) {
      a.at = At::look;
      return std::nullopt;
    }
    if (tries_fast && fast_takes(t)) return grab(t);
    a.lock = Held::read;
    if (!is_mapped(s) || !this->area_permits(step)) return done(t, Outcome::segv);
    if (const auto need = gup_needs_fault(m, s, Base::gup_of(step))) return fault(t, *need);
    return grab(t);
  }
  Result grab(ThreadId t) {
    const Step& step = of(t).step;
    grab_page(m, Base::name(step.ref), place(step), Base::gup_of(step));
    return done(t, Outcome::ok);
  }

  std::optional<Result> fault(ThreadId t, Access want) {
    Activity& a = of(t);
    a.lock = Held::read;
    const Slot s = place(a.step);
    const bool prepares = want == Access::write && is_private(m, s) &&
                          !std::as_const(m).pte[s].present && !vma_of(std::as_const(m), s).anon_vma;
    if (prepares) {  // what stays if another thread maps a page meanwhile
      anon_vma_prepare(m, s);
      return std::nullopt;
    }
    this->flush_if_pending(s, want);
    if (is_hugetlb(m, s)) return fault_done(t, hugetlb_fault(m, s, want));
    if (const auto o = handle_pte_fault(m, t, place(a.step), want)) return fault_done(t, *o);
    a.holds.push_back(this->hold_stray(place(a.step)));
    a.at = At::contents;
    return std::nullopt;
  }
  // ORD-3: before switch_entry. ORD-1, ORD-2: that is one event, but that the old page's count goes
  // down for good after it.
  std::optional<Result> contents(ThreadId t) {
    Activity& a = of(t);
    a.at = At::switching;
    if (wp_copy_contents(m, t)) return std::nullopt;
    release_last(a);
    return fault_done(t, Outcome::oom);
  }
  std::optional<Result> switch_entry(ThreadId t) {
    of(t).outcome = wp_copy_switch(m, t) ? Outcome::copied : Outcome::hit;
    of(t).at = At::letting_go;
    return std::nullopt;
  }
  std::optional<Result> let_go(ThreadId t) {
    Activity& a = of(t);
    release_last(a);
    if (std::exchange(a.outcome, Outcome::ok) == Outcome::copied)
      return fault_done(t, Outcome::copied);
    a.present_before = false;  // WP-4: this fault has done nothing
    look_again(t);
    return std::nullopt;
  }
  void release_last(Activity& a) {
    release_page(m, a.holds.back());
    a.holds.pop_back();
  }
  std::optional<Result> fault_done(ThreadId t, Outcome o) {
    Activity& a = of(t);
    if (refused(o)) return done(t, o);
    if (!a.first) a.first = o;
    ++a.faults;
    look_again(t);
    return std::nullopt;
  }
  // A processor's fault ends here; GUP keeps the lock until it has the page.
  void look_again(ThreadId t) {
    Activity& a = of(t);
    a.at = At::look;
    if (a.step.op == Op::read || a.step.op == Op::write) a.lock = Held::none;
  }

  std::optional<Result> begin_range(ThreadId t) {
    Activity& a = of(t);
    const Step& step = a.step;
    const bool zaps = step.op == Op::unmap || Base::discards(step);
    const bool protects = step.op == Op::protect, watches = step.op == Op::uffd_wp;
    // mremap moves and flushes entries under their tables' locks: one event (ORD-6).
    if (!zaps && !protects && !watches && step.op != Op::fork)
      return done(t, this->run_and_flush(step));
    if (step.op == Op::fork && alive(step.child)) return done(t, Outcome::inval);
    if (step.op == Op::unmap &&
        cuts_huge_page(m.area.region(step.process, step.region), step.first, step.last))
      return done(t, Outcome::inval);
    if (step.op != Op::unmap && step.op != Op::fork)
      if (const auto refusal = this->refuse_change(step)) return done(t, *refusal);
    if (watches && writes_mm(step)) {  // its entries it changes beside others: it begins again
      this->register_uffd(step);
      return std::nullopt;
    }
    a.lock = writes_mm(step) ? Held::write : Held::read;
    if (protects) {
      this->protect_entries(t);
      a.at = At::flush;
      return stale_.all().empty() ? flush(t) : std::nullopt;
    }
    if (step.op == Op::fork) a.entries = this->begin_fork(step.process, step.child);
    else if (watches) {
      split_at_edges(m, place(step), step.first, step.last);
      a.entries = this->tables_in(step);
    } else {
      zap_huge_pmds(m, place(step), step.first, step.last);
      this->for_entries(step.process, step.region, step.first, step.last,
                        [&](const Slot& s) { a.entries.push_back(s); });
    }
    std::reverse(a.entries.begin(), a.entries.end());
    a.at = a.entries.empty() ? At::flush : At::entries;
    return a.entries.empty() ? flush(t) : std::nullopt;
  }
  std::optional<Result> next_entry(ThreadId t) {  // FORK-9
    Activity& a = of(t);
    const Slot s = a.entries.back();
    a.entries.pop_back();
    if (a.step.op == Op::fork) this->copy_entry(t, s);
    else if (a.step.op == Op::uffd_wp) this->protect_table(t, s);
    else if (std::as_const(m).pte[s].present) this->zap_entry(t, s);
    else zap(m, s);
    if (a.entries.empty()) a.at = At::flush;
    return std::nullopt;
  }
  // ORD-4, ORD-5. Only then the pages go, one after the other.
  std::optional<Result> flush(ThreadId t) {
    Activity& a = of(t);
    stale_.flush(t);
    a.at = At::releasing;
    return a.holds.empty() ? release_next(t) : std::nullopt;
  }
  std::optional<Result> release_next(ThreadId t) {
    Activity& a = of(t);
    if (!a.holds.empty()) {
      release_page(m, a.holds.front());
      a.holds.erase(a.holds.begin());
    }
    if (!a.holds.empty()) return std::nullopt;
    const Step& step = a.step;
    if (step.op == Op::unmap) this->unmap_areas(step.process, step.region, step.first, step.last);
    return done(t, a.outcome);
  }
};

}  // namespace cow::spec

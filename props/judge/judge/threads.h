// Judges the specification while its threads take turns: each event as it happens, each step at the
// event that has its effect.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "judge/contents.h"
#include "judge/disagreement.h"
#include "judge/judge.h"
#include "logic/check.h"
#include "logic/show.h"

namespace cow::judge {

class ThreadsJudge {
 public:
  using Machine = spec::SpecificationOfThreads;

  explicit ThreadsJudge(const Setup& setup) : judge_(setup) {}

  struct Event {
    std::optional<Result> done;  // the step's result, if this was its last event
    Verdict verdict = Verdict::none;
  };

  // A step that nobody interrupts.
  Event alone(Machine& machine, const Step& step, Disagreements& out) {
    judge_.before(machine, step);
    Event e{machine.run(step), Verdict::none};
    e.verdict = judge_.after(machine, step, *e.done);
    finish(machine, step, e, out);
    return e;
  }
  void add_threads(std::size_t count) { parts_.assign(count, {}); }

  // The thread's next event.
  Event go(Machine& machine, spec::ThreadId t, Disagreements& out) {
    const spec::Activity was = machine.activities()[static_cast<std::size_t>(t)];
    judge_.before(machine, was.step);
    note_before(machine, t, was);
    Event e{machine.go(t), Verdict::none};
    note_after(machine, t, was);
    if (e.done || was.at == spec::At::flush)
      std::erase_if(stale_, [&](const Showed& s) { return s.until_flush_of == t; });
    if (!e.done) {
      e.verdict = judge_.during(machine, was.step, copied(t));
    } else {
      e.verdict = last_event(machine, t, was, *e.done);
      parts_[static_cast<std::size_t>(t)] = {};
    }
    finish(machine, was.step, e, out);
    return e;
  }
  // The thread's access, through machine.stale()[i].
  Event use(Machine& machine, spec::ThreadId t, std::size_t i, Disagreements& out) {
    const Step step = machine.activities()[static_cast<std::size_t>(t)].step;
    const spec::Stale stale = machine.stale()[i];
    Event e{machine.use(t, stale), Verdict::none};
    if (stale_[i].object)
      e.verdict = judge_.aside(machine, step, stale.frame, *stale_[i].object, *e.done);
    else if (step.op == Op::write) judge_.ideal_to_tell().run(step);  // shared memory
    check_invariants(machine, out);
    if (e.verdict != Verdict::none) sound_ = false;
    return e;
  }

  [[nodiscard]] const spec::IdealMachine& ideal() const { return judge_.ideal(); }
  [[nodiscard]] const References& references() const { return judge_.references(); }
  // Nothing was missed or wrong so far: every read must see the ideal byte.
  [[nodiscard]] bool is_sound() const { return sound_; }
  // What each of machine.stale() showed when it was made.
  [[nodiscard]] std::optional<std::uint32_t> stale_object(std::size_t i) const {
    return stale_[i].object;
  }
  // The object of the page that a forced access holds, and the bytes of a copy in the making.
  struct Part {
    std::optional<std::uint32_t> object;
    std::optional<spec::IdealLogic::Data> copied;
    std::vector<Slot> early;  // pages of a child that fork has copied already
  };
  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }

 private:
  struct Showed {
    spec::ThreadId until_flush_of;
    std::optional<std::uint32_t> object;
  };
  static Slot place(const Step& step) { return {step.process, step.region, step.first}; }
  Part& part(spec::ThreadId t) { return parts_[static_cast<std::size_t>(t)]; }
  const spec::IdealLogic::Data* copied(spec::ThreadId t) {
    return part(t).copied ? &*part(t).copied : nullptr;
  }
  std::optional<std::uint32_t> object_at(const Slot& s) const {
    return ideal().owns(s) ? std::optional(ideal().object(s)) : std::nullopt;
  }

  void note_before(const Machine& machine, spec::ThreadId t, const spec::Activity& was) {
    if (was.at == spec::At::contents && !ideal().owns(place(was.step)))
      part(t).copied = ideal().shown(place(was.step));
    if (was.at == spec::At::bytes) holder_moved_ = !still_maps(machine, was);
  }
  bool still_maps(const Machine& machine, const spec::Activity& was) const {
    const PteView entry = machine.pte(place(was.step));
    return entry.present && entry.frame == machine.m.ref[was.holds.back()].frame;
  }
  void note_after(const Machine& machine, spec::ThreadId t, const spec::Activity& was) {
    const spec::Activity& now = machine.activities()[static_cast<std::size_t>(t)];
    for (std::size_t i = stale_.size(); i < machine.stale().size(); ++i)
      stale_.push_back({t, object_at(machine.stale()[i].slot)});
    if (now.at == spec::At::bytes) part(t).object = object_at(place(now.step));
    if (was.at != spec::At::entries) return;
    const Slot s = was.entries.back();
    if (was.step.op == Op::uffd_wp) return;
    if (was.step.op != Op::fork) return judge_.ideal_to_tell().discard(s);
    copy_early(machine, t, now, s);
  }
  // A page that the child does not share has the bytes of this moment.
  void copy_early(const Machine& machine, spec::ThreadId t, const spec::Activity& now,
                  const Slot& s) {
    spec::IdealMachine& ideal = judge_.ideal_to_tell();
    const Slot child{now.step.child, s.region, s.page};
    if (refused(now.outcome)) {
      for (const Slot& early : part(t).early) ideal.discard(early);
    } else if (machine.m.pte[child].frame != machine.m.pte[s].frame) {
      ideal.become(child, ideal.shown(s));
      part(t).early.push_back(child);
    }
  }
  Verdict last_event(const Machine& machine, spec::ThreadId t, const spec::Activity& was,
                     const Result& result) {
    const Step& step = was.step;
    if (was.at == spec::At::bytes && holder_moved_)
      return part(t).object ? judge_.aside(machine, step, machine.m.ref[was.holds.back()].frame,
                                           *part(t).object, result)
                            : Verdict::none;
    // What it has discarded was told entry by entry; others may have written there since.
    if (step.op == Op::advise && step.advice == Advice::dontneed)
      return judge_.during(machine, step, nullptr);
    return judge_.after(machine, step, result);
  }
  void finish(const Machine& machine, const Step& step, const Event& e, Disagreements& out) {
    if (e.verdict == Verdict::missed || e.verdict == Verdict::wrong) sound_ = false;
    check_invariants(machine, out);
    check_lost(judge_.lost(), out);
    if (!e.done) return;
    if (sound_ && !holder_moved_) check_read(ideal(), references(), step, *e.done, out);
    holder_moved_ = false;
    check_shared_contents(machine, ideal(), judge_.entries(), out);
  }
  static void check_invariants(const Machine& machine, Disagreements& out) {
    spec::Check check(machine.m);
    for (const spec::Broken& b : check.run())
      out.push_back({b.clause, b.witness, std::nullopt, std::nullopt});
  }

  Judge<Machine> judge_;
  std::vector<Showed> stale_;  // as machine.stale()
  std::vector<Part> parts_;
  bool holder_moved_ = false;  // the entry no longer maps what a forced access holds
  bool sound_ = true;
};

}  // namespace cow::judge

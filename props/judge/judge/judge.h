// Judges each step of a machine against the ideal one: missed, wrong, unnecessary, or none.
//
// Frames are judged, not values: that a byte could be seen is enough. The machine is asked through
// cow/view.h only, so that the specification and the implementation are judged by the same lines.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "cow/outcome.h"
#include "judge/leaks.h"
#include "judge/references.h"
#include "judge/scan.h"
#include "judge/verdict.h"
#include "logic/ideal_machine.h"

namespace cow::judge {

template <class Machine> class Judge {
 public:
  explicit Judge(const Setup& setup) : ideal_(setup) {}

  // Around each step of the machine.
  void before(const Machine& machine, const Step& step) {
    was_ = names_place(step.op) ? machine.pte(place(step)) : PteView{};
    was_anon_ = is_anon(machine, was_) || (was_.swapped && was_.frame != kNoFrame);
    had_.clear();
    if (!moves_pages(step)) return;
    for (const Seen& s : seen_)
      if (is_moved(s, step)) had_.push_back(s);
  }
  Verdict after(const Machine& machine, const Step& step, const Result& result) {
    lost_.clear();
    watched_.note(step, result.outcome);
    scan(machine, watched_, seen_);
    if (moves_pages(step)) follow_moved(machine, step);
    if (refused(result.outcome)) return Verdict::none;
    now_ = names_place(step.op) ? machine.pte(place(step)) : PteView{};
    settle(machine, now_, place(step));
    ideal_.run(step);
    if (takes_pages(step)) find_lost();
    if (step.op == Op::fork) settle_child(machine, step);
    references_.note(step, ideal_);
    follow_contents(step);
    return first_that_applies(machine, step);
  }

  // An event of a step that is not its last one, after before(). `copied`: what the ideal machine
  // showed at its place when a copy took the bytes.
  Verdict during(const Machine& machine, const Step& step, const spec::IdealLogic::Data* copied) {
    scan(machine, watched_, seen_);
    if (!names_place(step.op)) return Verdict::none;
    now_ = machine.pte(place(step));
    if (copied != nullptr && shows_own_page(machine, now_, place(step)))
      ideal_.become(place(step), *copied);
    settle(machine, now_, place(step));
    follow_contents(step);
    if (reference_wrong(machine)) return Verdict::wrong;
    return copy_unnecessary(machine, step) ? Verdict::unnecessary : Verdict::none;
  }
  // An access to a frame that the entry does not name any more, and that showed this object.
  Verdict aside(const Machine& machine, const Step& step, Frame frame, std::uint32_t object,
                const Result& result) {
    scan(machine, watched_, seen_);
    if (result.has_value)
      return result.value == ideal_.object_byte(object, step.cell) ? Verdict::none
                                                                   : Verdict::missed;
    ideal_.write_object(object, step.cell, step.value);
    references_.write(ideal_, object, step.cell);
    if (!shown_by_another(machine, frame, object)) return Verdict::none;
    leaks_.leak(frame, step.cell, ideal_.last_write().write);
    return Verdict::missed;
  }
  [[nodiscard]] spec::IdealMachine& ideal_to_tell() { return ideal_; }

  // The judge of another machine, from here on; rename(frame) is the other machine's name for it.
  template <class Other> [[nodiscard]] Judge<Other> moved_to(auto rename) {
    Judge<Other> other{std::move(ideal_)};
    other.watched_ = std::move(watched_);
    other.references_ = std::move(references_);
    other.leaks_ = leaks_.renamed(rename);
    return other;
  }

  [[nodiscard]] const spec::IdealMachine& ideal() const { return ideal_; }
  [[nodiscard]] const References& references() const { return references_; }
  [[nodiscard]] const Watched& watched() const { return watched_; }
  // Pages that the last step took away although nobody had given them up (SWAP-6).
  [[nodiscard]] const std::vector<Slot>& lost() const { return lost_; }
  // The watched entries as the last step left them.
  [[nodiscard]] const std::vector<Seen>& entries() const { return seen_; }

 private:
  template <class Any> friend class Judge;
  explicit Judge(spec::IdealMachine&& ideal) : ideal_(std::move(ideal)) {}

  static Slot place(const Step& step) { return {step.process, step.region, step.first}; }
  static constexpr bool writes(Op op) { return op == Op::write || op == Op::force_write; }
  static constexpr bool reads(Op op) { return op == Op::read || op == Op::force_read; }

  // These may have changed the frames of more than one entry; faults that populate also where
  // memory ran out at the end.
  bool moves_pages(const Step& step) const {
    return step.op == Op::lock || step.op == Op::protect || step.op == Op::sys_migrate ||
           (step.op == Op::advise &&
            (step.advice == Advice::unmergeable || step.advice == Advice::collapse)) ||
           (watched_.huge() && (writes(step.op) || reads(step.op) || step.op == Op::pin));
  }
  static bool is_moved(const Seen& s, const Step& step) {
    return s.entry.present && (s.slot.process == step.process || step.op == Op::sys_migrate);
  }
  static bool is_anon(const Machine& machine, const PteView& entry) {
    return is_private(entry) && machine.page(entry.frame).kind == Kind::anon;
  }

  // Reclaim may drop what its process gave up. What it drops beside that is lost, and told.
  static bool takes_pages(const Step& step) {
    return step.op == Op::sys_swapout ||
           (step.op == Op::advise &&
            (step.advice == Advice::pageout || step.advice == Advice::free));
  }
  void find_lost() {
    for (const Seen& s : seen_) {
      if (!ideal_.owns(s.slot) || s.entry.present || s.entry.swapped) continue;
      if (!ideal_.has_given_up(s.slot)) lost_.push_back(s.slot);
      ideal_.discard(s.slot);
    }
  }

  // A private page that has a frame of its own no longer follows its file, written or not.
  void settle(const Machine& machine, const PteView& entry, const Slot& slot) {
    if (shows_own_page(machine, entry, slot)) ideal_.settle_page(slot);
  }
  bool shows_own_page(const Machine& machine, const PteView& entry, const Slot& slot) const {
    return !ideal_.owns(slot) && is_anon(machine, entry);
  }
  void settle_child(const Machine& machine, const Step& fork) {
    for (const Seen& s : seen_)
      if (s.slot.process == fork.child) settle(machine, s.entry, s.slot);
  }

  void follow_moved(const Machine& machine, const Step& step) {
    for (const Seen& s : seen_) {
      if (!is_moved(s, step)) continue;
      settle(machine, s.entry, s.slot);
      if (!leaks_.any()) continue;
      const auto had =
          std::find_if(had_.begin(), had_.end(), [&](const Seen& h) { return h.slot == s.slot; });
      if (had == had_.end()) leaks_.start_empty(s.entry.frame);
      else if (had->entry.frame != s.entry.frame) leaks_.copy(had->entry.frame, s.entry.frame);
    }
  }
  // Leaked bytes travel with the copies of a frame.
  void follow_contents(const Step& step) {
    if (!leaks_.any()) return;
    if (step.op == Op::fork) {
      for (const Seen& parent : seen_)
        if (parent.slot.process == step.process) follow_early_copy(parent, step.child);
    } else if (now_.present && (!was_.present || was_.frame != now_.frame)) {
      if (was_.frame == now_.frame) return;  // out of the swap cache
      if (was_.frame != kNoFrame) leaks_.copy(was_.frame, now_.frame);
      else leaks_.start_empty(now_.frame);
    }
  }
  void follow_early_copy(const Seen& parent, Pid child) {
    if (!parent.entry.present) return;
    const Slot slot{child, parent.slot.region, parent.slot.page};
    for (const Seen& s : seen_)
      if (s.slot == slot && s.entry.present && s.entry.frame != parent.entry.frame)
        leaks_.copy(parent.entry.frame, s.entry.frame);
  }

  Verdict first_that_applies(const Machine& machine, const Step& step) {
    if (write_missed(machine, step) || read_missed(machine, step)) return Verdict::missed;
    if (reference_wrong(machine)) return Verdict::wrong;
    if (copy_unnecessary(machine, step)) return Verdict::unnecessary;
    return Verdict::none;
  }

  // [ISO-1, ISO-2] A write lands in a frame that another object shows.
  bool write_missed(const Machine& machine, const Step& step) {
    const bool by_entry = writes(step.op);
    if (!by_entry && step.op != Op::ref_write) return false;
    const Frame frame = by_entry ? now_.frame : machine.frame_of(step.ref);
    const bool to_object = by_entry ? is_private(now_) : ideal_.names(step.ref);
    if (!to_object) {
      leaks_.overwrite(frame, step.cell);
      return false;
    }
    const std::uint32_t object = by_entry ? ideal_.object(place(step)) : ideal_.object(step.ref);
    references_.write(ideal_, object, step.cell);
    const bool missed = shown_by_another(machine, frame, object);
    if (missed) leaks_.leak(frame, step.cell, ideal_.last_write().write);
    else leaks_.overwrite(frame, step.cell);
    return missed;
  }
  bool shown_by_another(const Machine& machine, Frame frame, std::uint32_t object) const {
    return entry_shows_another(machine, frame, object) ||
           reference_shows_another(machine, frame, object);
  }
  // An anonymous page that the ideal machine knows no object for is one of its own. A swap entry
  // shows the page that stands for it in the swap cache: the next access maps that.
  bool entry_shows_another(const Machine& machine, Frame frame, std::uint32_t object) const {
    for (const Seen& s : seen_) {
      if (s.entry.frame != frame || !shows_object(s.entry)) continue;
      if (ideal_.owns(s.slot) ? ideal_.object(s.slot) != object
                              : machine.page(frame).kind == Kind::anon)
        return true;
    }
    return false;
  }
  bool reference_shows_another(const Machine& machine, Frame frame, std::uint32_t object) const {
    for (const Reference& r : references_.live())
      if (machine.frame_of(r.name) == frame && ideal_.names(r.name) &&
          ideal_.object(r.name) != object)
        return true;
    return false;
  }

  // [ISO-1] A read shows a byte of a missed write to an object that it was not meant for.
  bool read_missed(const Machine& machine, const Step& step) const {
    if (!leaks_.any()) return false;
    if (reads(step.op) && is_private(now_) && ideal_.owns(place(step))) {
      const std::uint32_t leak = leaks_.at(now_.frame, step.cell);
      return leak != 0 && ideal_.read(place(step), step.cell).write != leak;
    }
    if (step.op == Op::ref_read && ideal_.names(step.ref)) {
      const std::uint32_t leak = leaks_.at(machine.frame_of(step.ref), step.cell);
      return leak != 0 && references_.find(step.ref)->object[step.cell].write != leak;
    }
    return false;
  }

  // [COH-1, COH-2] Each reference is told once; several may part in one step.
  bool reference_wrong(const Machine& machine) {
    bool wrong = false;
    for (Reference& r : references_.live()) {
      if (!r.promised || r.told || !ideal_.is_attached(r.name)) continue;
      const PteView owner = machine.pte(ideal_.owner(r.name));
      if (!is_private(owner) || owner.frame == machine.frame_of(r.name)) continue;
      r.told = true;
      wrong = true;
    }
    return wrong;
  }

  // [MIN-1] A fault of this step left an anonymous page that nobody else shows. What the recordings
  // of real kernels do not tell is not told: faults that a lock or a protect takes, and a pin's
  // where the page that it leaves is still shown by its owner's own reference.
  bool copy_unnecessary(const Machine& machine, const Step& step) const {
    const bool pins = step.op == Op::pin;
    if (!pins && !writes(step.op) && !reads(step.op)) return false;
    if (!was_anon_ || !now_.present || now_.frame == was_.frame) return false;
    for (const Seen& s : seen_)
      if (s.entry.frame == was_.frame) return false;  // a swap entry's page in the cache too
    for (const Reference& r : references_.live())
      if (pins && r.name != step.ref && machine.frame_of(r.name) == was_.frame) return false;
    return !reference_shows_another(machine, was_.frame, ideal_.object(place(step)));
  }

  spec::IdealMachine ideal_;
  Watched watched_;
  References references_;
  Leaks leaks_;
  std::vector<Seen> seen_;
  PteView was_, now_;      // the step's entry
  std::vector<Seen> had_;  // what was mapped before a step that populates
  std::vector<Slot> lost_;
  bool was_anon_ = false;
};

}  // namespace cow::judge

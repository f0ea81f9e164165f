// What a law runs on: the machines in lockstep, or one alone with its judge.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "judge/lockstep.h"
#include "laws/scene.h"

namespace cow::laws {

class Machines {
 public:
  virtual ~Machines() = default;
  virtual judge::Told step(const Step& step) = 0;
  // What can be told only at the end.
  virtual judge::Disagreements finish() = 0;
  virtual void look_at(Scene& scene) const = 0;
  [[nodiscard]] virtual const spec::IdealMachine& ideal() const = 0;
  [[nodiscard]] virtual const judge::References& references() const = 0;
};

using MakeMachines = std::function<std::unique_ptr<Machines>(const Setup&, const Rules&)>;

template <class Spec, class Impl> class Together : public Machines {
 public:
  Together(const Setup& setup, const Rules& rules, judge::Depth depth)
      : lockstep_(setup, rules, depth) {}
  judge::Told step(const Step& step) override { return lockstep_.step(step); }
  judge::Disagreements finish() override { return lockstep_.finish(); }
  void look_at(Scene& scene) const override {
    lockstep_.on_facts([&](const auto& machine) { look(machine, scene); });
  }
  [[nodiscard]] const spec::IdealMachine& ideal() const override { return lockstep_.ideal(); }
  [[nodiscard]] const judge::References& references() const override {
    return lockstep_.references();
  }

 private:
  judge::Lockstep<Spec, Impl> lockstep_;
};

// Two ways for the implementation to fork, each beside a specification of its own: whatever one of
// them shows is told, and the first one's facts count.
template <class Spec, class Impl, class OtherImpl> class BothWays : public Machines {
 public:
  BothWays(const Setup& setup, const Rules& rules, judge::Depth depth)
      : one_(setup, rules, depth), other_(setup, rules, depth) {}
  judge::Told step(const Step& step) override {
    judge::Told told = one_.step(step);
    append(other_.step(step).disagreements, told.disagreements);
    return told;
  }
  judge::Disagreements finish() override {
    judge::Disagreements all = one_.finish();
    append(other_.finish(), all);
    return all;
  }
  void look_at(Scene& scene) const override { one_.look_at(scene); }
  [[nodiscard]] const spec::IdealMachine& ideal() const override { return one_.ideal(); }
  [[nodiscard]] const judge::References& references() const override { return one_.references(); }

 private:
  static void append(judge::Disagreements from, judge::Disagreements& to) {
    for (judge::Disagreement& d : from) {
      d.text += " (shared tables)";
      to.push_back(std::move(d));
    }
  }

  Together<Spec, Impl> one_;
  Together<Spec, OtherImpl> other_;
};

template <class Machine> class Alone : public Machines {
 public:
  Alone(const Setup& setup, const Rules& rules) : machine_(setup, rules), judge_(setup) {}
  judge::Told step(const Step& step) override {
    judge::Told told;
    if (!sane_) return told;
    judge_.before(machine_, step);
    told.result = machine_.run(step);
    if (!by_somebody(step, told.result)) {
      sane_ = false;
      told.disagreements.push_back(
          {"ERR-1", "a process that no fork has made takes a step", std::nullopt, std::nullopt});
      return told;
    }
    told.verdict = judge_.after(machine_, step, told.result);
    judge::check_lost(judge_.lost(), told.disagreements);
    judge::check_shared_contents(machine_, judge_.ideal(), judge_.entries(), told.disagreements);
    if (told.verdict == judge::Verdict::missed || told.verdict == judge::Verdict::wrong)
      sound_ = false;
    if (sound_)
      judge::check_read(judge_.ideal(), judge_.references(), step, told.result, told.disagreements);
    return told;
  }
  judge::Disagreements finish() override { return {}; }
  void look_at(Scene& scene) const override { look(machine_, scene); }
  [[nodiscard]] const spec::IdealMachine& ideal() const override { return judge_.ideal(); }
  [[nodiscard]] const judge::References& references() const override { return judge_.references(); }

 private:
  // Only a wrong machine lets the dead act; the ideal machine is not asked about it.
  bool by_somebody(const Step& step, const Result& result) {
    const bool names_none = (step.op >= Op::ref_read && step.op <= Op::unpin) ||
                            step.op == Op::sys_fail_alloc || step.op == Op::sys_fail_table;
    if (refused(result.outcome) || names_none) return true;
    for (const Pid p : {step.process, step.child})
      if (index(p) >= alive_.size()) alive_.resize(index(p) + 1);
    if (!alive_[index(step.process)]) return false;
    if (step.op == Op::fork) alive_[index(step.child)] = true;
    if (step.op == Op::exit) alive_[index(step.process)] = false;
    return true;
  }

  Machine machine_;
  judge::Judge<Machine> judge_;
  std::vector<bool> alive_ = {true};
  bool sound_ = true;
  bool sane_ = true;
};

// The specification and the implementation, as it ships: with copied and with shared tables.
std::unique_ptr<Machines> specification_and_implementation(const Setup& setup, const Rules& rules);
std::unique_ptr<Machines> specification_alone(const Setup& setup, const Rules& rules);

}  // namespace cow::laws

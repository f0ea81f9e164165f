// One machine, set up again and again for the executions of a block.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "explore/shorten.h"
#include "interleave/executions.h"

namespace cow::interleave {

template <class Machine> class Executions<Machine>::Stage {
 public:
  explicit Stage(const runner::Block& block) : block_(block), machine_(block.setup, block.rules) {
    for (std::size_t c = 0; c < block.columns.size(); ++c)
      bodies_.emplace_back([this, c] { take(c); });
    // So that no execution is the first in which a name or a CPU is met: what a machine makes for
    // those it keeps, and the executions would differ. A child is given room for the names that its
    // parent has ever had, so each time may bring a name one process further.
    for (std::uint32_t times = 0; times < block.places.processes; ++times) {
      set_up();
      for (std::size_t c = 0; c < block.columns.size(); ++c) take(c);
      for (const Step& step : block.after) machine_.run(step);
    }
  }

  // Every execution begins here: the steps before the block, taken alone.
  void set_up() {
    machine_.reset(block_.setup, block_.rules);
    for (const Step& step : block_.before) machine_.run(step);
    outcomes_.assign(block_.columns.size(), {});
    for (std::size_t c = 0; c < block_.columns.size(); ++c) {
      outcomes_[c].reserve(block_.columns[c].size());
      for (const Step& step : block_.columns[c]) machine_.prepare(step.thread);
    }
  }
  runner::Execution finish(const explore::Execution& execution) {
    runner::Execution e;
    e.schedule = execution.schedule;
    if (execution.deadlock || execution.endless) {
      e.wrong = execution.deadlock ? "all threads wait for each other" : "it does not end";
      machine_ = Machine(block_.setup, block_.rules);  // locks may be held
      return e;
    }
    e.end = par::end_of(machine_, block_.places, outcomes_);
    if (const auto wrong = machine_.check_counts()) e.wrong = *wrong;
    if (block_.after.empty()) return e;
    par::Outcomes after(1);
    for (const Step& step : block_.after) after[0].push_back(machine_.run(step));
    e.after = par::end_of(machine_, block_.places, std::move(after));
    if (const auto wrong = machine_.check_counts(); wrong && e.wrong.empty()) e.wrong = *wrong;
    return e;
  }
  explore::Totals explore(const explore::Options& options,
                          const std::function<bool(const runner::Execution&)>& seen) {
    return explore::explore(
        options, [this] { set_up(); }, bodies_,
        [&](const explore::Execution& e) { return seen(finish(e)); });
  }
  explore::Schedule shorten(const explore::Schedule& failing,
                            const std::function<bool(const runner::Execution&)>& fails) {
    return explore::shorten(
               failing, [this] { set_up(); }, bodies_,
               [&](const explore::Execution& e) { return fails(finish(e)); })
        .schedule;
  }

 private:
  void take(std::size_t column) {
    for (const Step& step : block_.columns[column]) outcomes_[column].push_back(machine_.run(step));
  }

  const runner::Block& block_;
  Machine machine_;
  par::Outcomes outcomes_;
  explore::Bodies bodies_;
};

template <class Machine>
Explored Executions<Machine>::explored(
    const runner::Block& block, const std::function<bool(const runner::Execution&)>& seen) const {
  Stage stage(block);
  Explored total;
  bool go_on = true;
  const auto more = [&](const runner::Execution& e) { return go_on = seen(e); };
  const auto explore = [&](explore::Options options) {
    const explore::Totals totals = stage.explore(options, more);
    total.executions += totals.executions;
    total.points += totals.points;
    return totals.complete;
  };
  using Way = explore::Options::Way;
  if (!block.schedule.empty()) {
    explore({.way = Way::replay, .executions = 1, .schedule = block.schedule});
    return total;
  }
  total.complete = explore({.way = Way::all, .executions = effort_.all});
  if (total.complete || !go_on) return total;
  explore({.way = Way::bounded, .preemptions = effort_.preemptions, .executions = effort_.bounded});
  if (go_on && effort_.random != 0)
    explore({.way = Way::random,
             .preemptions = effort_.preemptions + 1,
             .seed = effort_.seed,
             .executions = effort_.random});
  return total;
}

template <class Machine>
Explored Executions<Machine>::explored(
    const runner::Block& block, const explore::Options& options,
    const std::function<bool(const runner::Execution&)>& seen) const {
  const explore::Totals totals = Stage(block).explore(options, seen);
  return {totals.executions, totals.points, totals.complete};
}

template <class Machine>
explore::Schedule Executions<Machine>::shorten(
    const runner::Block& block, const explore::Schedule& failing,
    const std::function<bool(const runner::Execution&)>& fails) const {
  Stage stage(block);
  return stage.shorten(failing, fails);
}

}  // namespace cow::interleave

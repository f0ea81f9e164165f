// Executions of one thread: whole steps take turns. The points of a schedule are steps.
#pragma once

#include "runner/executions.h"

namespace cow::runner {

// As scheduled; without a schedule column after column, and the last column first.
template <class Machine> class WholeSteps : public Executions {
 public:
  bool run(const Block& block, const std::function<bool(const Execution&)>& seen) const override {
    if (!block.schedule.empty()) {
      seen(execution(block, block.schedule, false));
      return false;
    }
    if (seen(execution(block, {}, false))) seen(execution(block, {}, true));
    return false;
  }

 private:
  static Execution execution(const Block& block, const std::vector<std::uint32_t>& schedule,
                             bool last_first) {
    Machine machine(block.setup, block.rules);
    for (const Step& step : block.before) machine.run(step);
    Execution e;
    par::Outcomes outcomes(block.columns.size());
    const auto take = [&](std::uint32_t column) {
      const std::vector<Step>& steps = block.columns[column];
      if (outcomes[column].size() == steps.size()) return false;
      outcomes[column].push_back(machine.run(steps[outcomes[column].size()]));
      e.schedule.push_back(column);
      return true;
    };
    for (const std::uint32_t column : schedule) take(column);
    for (std::uint32_t i = 0; i < block.columns.size(); ++i) {
      const auto count = static_cast<std::uint32_t>(block.columns.size());
      while (take(last_first ? count - 1 - i : i)) continue;
    }
    e.end = par::end_of(machine, block.places, std::move(outcomes));
    par::Outcomes after(1);
    for (const Step& step : block.after) after[0].push_back(machine.run(step));
    e.after = par::end_of(machine, block.places, std::move(after));
    if constexpr (requires { machine.check_counts(); })
      if (const auto wrong = machine.check_counts()) e.wrong = *wrong;
    return e;
  }
};

}  // namespace cow::runner

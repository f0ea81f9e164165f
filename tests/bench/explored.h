// What is explored in the rows of executions a second: the shipped code in a small program, and the
// check of each execution. When another build ships, this file changes.
#pragma once

#include <cstdint>

#include "bench_steps.h"
#include "interleave/allowed.h"
#include "interleave/executions.h"
#include "interleave/explored_machine.h"
#include "machines.h"

namespace cow::bench {

// A fork beside one or two threads of the parent that write to the page which it write-protects;
// all have used it before.
inline interleave::Program explored_program(unsigned threads) {
  constexpr Pid kParent{0}, kChild{1};
  const auto write_of = [](std::uint32_t thread) {
    Step step = page_step(Op::write, kParent);
    step.thread = thread;
    step.cell = static_cast<std::uint8_t>(thread);
    return step;
  };
  interleave::Program program;
  program.before = {range_step(Op::map, kParent, 1)};
  program.columns = {{process_step(Op::fork, kParent, kChild)}};
  for (std::uint32_t thread = 1; thread < threads; ++thread) {
    program.before.push_back(write_of(thread));
    program.columns.push_back({write_of(thread)});
  }
  return program;
}

// Each execution has to end as one of the specification's, with the machine's own counts right.
class Explorable {
 public:
  explicit Explorable(unsigned threads) : allowed_(explored_program(threads), measured_rules()) {}

  interleave::Explored explore(const explore::Options& options) const {
    return executions_.explored(allowed_.block(), options, [this](const runner::Execution& e) {
      demand(allowed_.explains(e), "an execution came to what the specification does not allow");
      return true;
    });
  }

 private:
  interleave::Allowed allowed_;
  interleave::Executions<interleave::ExploredMachine> executions_;
};

}  // namespace cow::bench

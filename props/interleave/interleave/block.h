// A program with steps that run at once: from a trace, to a trace, and as what the machines are
// given.
#pragma once

#include <string>
#include <vector>

#include "explore/explore.h"
#include "par/orders.h"
#include "runner/executions.h"
#include "trace/trace.h"

namespace cow::interleave {

struct Program {
  Setup setup;
  std::vector<Step> before;  // one after the other
  par::Columns columns;      // then these, at once
  bool operator==(const Program&) const = default;
};

// A trace up to the end of its first par block. REQUIRES: it has one, and every step is modelled.
[[nodiscard]] Program program_of(const trace::Trace& trace);

// What an implementation is to run. The end of the block says all: no step follows it.
[[nodiscard]] runner::Block block_of(const Program& program, const Rules& rules,
                                     explore::Schedule schedule = {});

// The specification where the block begins.
[[nodiscard]] par::World start_of(const Program& program, const Rules& rules);

// A trace that runs the program under one rule set, and replays a schedule unless that is empty.
// Its verdict is what the specification's executions show.
[[nodiscard]] trace::Trace trace_of(const Program& program, std::size_t rule, std::string name,
                                    std::string question, explore::Schedule schedule);

}  // namespace cow::interleave

// What the kernel did, as expectations of a trace under the rule set that stands for this kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "kernel/replay.h"
#include "trace/trace.h"

namespace cow::kernel {

struct Recorded {
  trace::Trace trace;      // with what was seen, beside what is expected under other rule sets
  std::string cannot;      // why there is nothing to record; empty: there is
  std::uint32_t line = 0;  // where
};

// Replays the trace twice, without the specification; both runs must be equal.
Recorded record(const trace::Trace& trace, std::size_t rule, Machine& machine);

// The text of the trace with the lines of its steps that are said anew; all else stays as it is.
std::string rewrite(const std::string& text, const trace::Trace& before, const trace::Trace& after);

}  // namespace cow::kernel

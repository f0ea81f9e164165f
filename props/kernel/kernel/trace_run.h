// A trace file on the kernel: held against the specification, and against what the trace expects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernel/replay.h"
#include "runner/run.h"
#include "trace/trace.h"

namespace cow::kernel {

struct TraceRun {
  runner::Run run;               // steps: with what the kernel did
  std::string skipped;           // why, where run.status is skip
  std::uint32_t skipped_at = 0;  // the line; 0: the header
  std::size_t steps = 0;
  std::uint64_t facts = 0, facts_unseen = 0;  // `assert` lines that were compared, and not
  std::string beyond;                         // first_beyond(): values and signals alone
  std::uint32_t stray_copies = 0;             // runs that were given up at one, and repeated
};

TraceRun run_trace(const trace::Trace& trace, std::size_t rule, Machine& machine);

// The steps alone, with the line of each.
struct Steps {
  std::vector<Step> steps;
  std::vector<std::uint32_t> lines;
};
Steps steps_of(const trace::Trace& trace);

// Why this machine cannot replay the trace, and on what line.
struct Skip {
  std::string reason;
  std::uint32_t line = 0;
};
std::optional<Skip> why_skip(const trace::Trace& trace, const Steps& steps, std::size_t rule,
                             const Facilities& facilities);

}  // namespace cow::kernel

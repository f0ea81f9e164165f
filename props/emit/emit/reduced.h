// A trace without the steps that no program can bring about, and what the specification makes of
// it.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "emit/areas.h"
#include "runner/run.h"
#include "trace/trace.h"

namespace cow::emit {

// One step or fact of the trace, in its order.
struct Line {
  const trace::Item* item;
  std::string why_not;                        // empty: it is done
  Areas areas;                                // before it
  std::array<Result, kRules.size()> results;  // of a step that is done, by rule set
  trace::RuleBits fails = 0;  // of a fact: the rule sets under which the reduced trace breaks it
};

struct Reduced {
  std::vector<Line> lines;
  bool complete = true;  // nothing was left out that would have changed anything
};

// Each subsequence of a trace is a trace, so the specification says what is to be expected of it.
[[nodiscard]] Reduced reduce(const trace::Trace& trace);

}  // namespace cow::emit

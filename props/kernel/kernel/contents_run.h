// A trace with a step of kernel/beyond.h, on the kernel: values and signals are held against what a
// program is promised. Outcomes, frames and counts are not compared.
#pragma once

#include <cstddef>
#include <functional>

#include "kernel/replay.h"
#include "kernel/trace_run.h"
#include "trace/trace.h"

namespace cow::kernel {

// After each step.
using AfterStep = std::function<void(std::size_t, Stage&)>;

// REQUIRES: first_beyond(trace) is a word.
TraceRun run_contents(const trace::Trace& trace, std::size_t rule, Machine& machine,
                      const AfterStep& after = {});

}  // namespace cow::kernel

// The counts of each page of a trace, step by step, as reviewers tabulate them by hand.
#pragma once

#include <cstddef>
#include <vector>

#include "runner/run.h"

namespace cow::program {

// Prints one table for each page that the trace touches; gives the runs, one for each rule set.
std::vector<runner::Run> print_table(const trace::Trace& trace,
                                     const std::vector<std::size_t>& rules);

}  // namespace cow::program

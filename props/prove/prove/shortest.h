// The shortest trace with a verdict: every sequence of steps of one page in two processes, shortest
// first, on the running specification.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cow/rules.h"
#include "cow/step.h"

namespace cow::prove {

// Breadth first over the steps that the clause is about, and the step `at` which it fails; nothing
// where no trace of at most `most` steps has the verdict. ISO-1, ISO-2: missed; COH-1, COH-2:
// wrong.
std::optional<std::vector<Step>> shortest_trace(const Rules& rules, std::string_view clause,
                                                std::string_view at, int most);

}  // namespace cow::prove

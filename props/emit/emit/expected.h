// What a program expects of a line, as C: "reused", or by_rule("reused", "copied", …).
#pragma once

#include <array>
#include <string>

#include "emit/reduced.h"
#include "trace/print.h"

namespace cow::emit {

// By rule set; `-`: nothing is asked.
using Words = std::array<std::string, kRules.size()>;

// The specification's outcome where the trace admits it; else the trace's own, which the kernel
// then decides. Of a reduced trace, which says other things, the specification's only.
[[nodiscard]] Words outcomes(const trace::Trace& trace, const Line& line, bool complete);
[[nodiscard]] Words values(const trace::Trace& trace, const Line& line, bool complete);
// Of a fact. A reduced trace's is not asked where the specification does not have it.
[[nodiscard]] Words facts(const trace::Trace& trace, const Line& line, bool complete);

[[nodiscard]] bool asks_nothing(const Words& words);
[[nodiscard]] std::string as_c(const Words& words);
[[nodiscard]] bool differ(const Words& words);

}  // namespace cow::emit

// An end of an execution in words.
#pragma once

#include <string>
#include <vector>

#include "par/result.h"
#include "trace/trace.h"

namespace cow::par {

// `hit 1, copied | segv`
[[nodiscard]] std::string describe(const Outcomes& outcomes);
// `P0.a rw dirty f0 (anon, mapcount 1, refcount 1, pins 0, bytes 2 0 0 0), P1.a …`
[[nodiscard]] std::string describe_state(const std::vector<std::uint32_t>& state,
                                         const Places& places, const trace::NameTable& names);

}  // namespace cow::par

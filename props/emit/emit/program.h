// A trace as one C program.
#pragma once

#include <string>

#include "trace/trace.h"

namespace cow::emit {

// REQUIRES: nothing in the trace is unmodelled.
[[nodiscard]] std::string program(const trace::Trace& trace);

}  // namespace cow::emit

// Text to trace.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "trace/error.h"
#include "trace/trace.h"

namespace cow::trace {

// Whether `name` must equal the file's stem; it is free on standard input.
enum class NameRule { equals_stem, free };

using Parsed = std::variant<Trace, Error>;

// Reads a trace. `file` stands in errors. An Error is the first thing that is wrong. Time is linear
// in the text.
[[nodiscard]] Parsed parse(const std::string& file, std::string_view text, NameRule rule);

}  // namespace cow::trace

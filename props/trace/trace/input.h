// The text of a file, or of standard input.
#pragma once

#include <string>
#include <variant>

#include "trace/error.h"

namespace cow::trace {

// Reads the file at `path`, or standard input for `-`. What is larger than 64 MiB is refused.
[[nodiscard]] std::variant<std::string, Error> read_input(const std::string& path);

}  // namespace cow::trace

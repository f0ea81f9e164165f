// Names exactly what was run, whatever was expected of it.
#pragma once

#include <string>

#include "trace/trace.h"

namespace cow::trace {

// `file`, `frames` and the steps in canonical form, without expectations, asserts and comments, one
// line end each.
[[nodiscard]] std::string hash_text(const Trace& trace);

// The first 12 hexadecimal digits of the SHA-256 of a text.
[[nodiscard]] std::string short_sha256(const std::string& text);

// That of the hash text.
[[nodiscard]] std::string hash(const Trace& trace);

}  // namespace cow::trace

// The files that a command is given: all are read and parsed before any is run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "trace/cowstate.h"
#include "trace/trace.h"

namespace cow::program {

struct Input {
  std::string path;
  std::string name;  // of the trace; a state's stem
  std::string hash;
  std::uint32_t verdict_line =
      1;  // where the header says what the trace shows, or else its first line
  std::variant<trace::Trace, trace::State> content;
};

// Whether what no machine takes yet can be used all the same.
enum class Beyond : std::uint8_t { refused, taken };

// Nothing if one cannot be used; then each that cannot was said on standard error.
std::optional<std::vector<Input>> read_inputs(const std::vector<std::string>& paths,
                                              Beyond beyond = Beyond::refused);

}  // namespace cow::program

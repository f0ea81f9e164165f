// Why an input cannot be used, and where.
#pragma once

#include <cstdint>
#include <string>

namespace cow::trace {

struct Error {
  std::string file;
  std::uint32_t line = 1;
  std::uint32_t column = 1;  // counted in bytes, from 1
  std::string message;
  bool operator==(const Error&) const = default;
};

// `file:line:column: error: message`, without a line end.
[[nodiscard]] std::string format(const Error& error);

}  // namespace cow::trace

// Any bytes parse as a state or are refused; what parses prints, and the print parses to the same.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "check.h"
#include "trace/cowstate.h"

using namespace cow::trace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ParsedState parsed = parse_state("-", text);
  if (const auto* error = std::get_if<Error>(&parsed)) {
    require(error->line >= 1 && error->column >= 1, "an error has a place", format(*error));
    return 0;
  }
  const auto& state = std::get<State>(parsed);
  const std::string printed = print(state);
  const ParsedState again = parse_state("-", printed);
  if (const auto* error = std::get_if<Error>(&again))
    require(false, format(*error).c_str(), printed);
  require(std::get<State>(again) == state, "parse of print is the state", printed);
  require(print(std::get<State>(again)) == printed, "print of parse is the text", printed);
  return 0;
}

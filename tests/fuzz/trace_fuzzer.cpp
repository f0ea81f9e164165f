// Any bytes parse or are refused; what parses prints, and the print parses to the same.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "check.h"
#include "trace/hash.h"
#include "trace/parse.h"
#include "trace/print.h"

using namespace cow::trace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Parsed parsed = parse("-", text, NameRule::free);
  if (const auto* error = std::get_if<Error>(&parsed)) {
    require(error->line >= 1 && error->column >= 1, "an error has a place", format(*error));
    require(error->message.find('\n') == std::string::npos, "it is one line", error->message);
    return 0;
  }
  const auto& trace = std::get<Trace>(parsed);
  const std::string printed = print(trace);
  const Parsed again = parse("-", printed, NameRule::free);
  if (const auto* error = std::get_if<Error>(&again))
    require(false, format(*error).c_str(), printed);
  require(std::get<Trace>(again) == trace, "parse of print is the trace", printed);
  require(print(std::get<Trace>(again)) == printed, "print of parse is the text", printed);
  require(hash(std::get<Trace>(again)) == hash(trace), "the hash is the same", printed);
  static_cast<void>(first_unmodelled(trace));
  return 0;
}

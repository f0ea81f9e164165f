// The facts of a trace that a program can look at.
#include <fmt/core.h>

#include "emit/calls.h"
#include "emit/expected.h"
#include "trace/words.h"

namespace cow::emit {
namespace {

using trace::FactKind;

std::string place_args(const trace::Trace& trace, const Slot& slot, std::uint8_t cell) {
  std::string text = "(struct args){ .region = " + region_word(trace, slot.region);
  if (slot.page != 0) text += ", .page = " + std::to_string(slot.page);
  if (cell != 0) text += ", .cell = " + std::to_string(cell);
  return text + " }";
}

std::string fact_text(const trace::Item& item, const trace::NameTable& names) {
  const std::string line = trace::print(item, names);
  return line.substr(0, line.find('\n'));
}

}  // namespace

void Calls::write_fact(const Line& line, const trace::Fact& fact) {
  const std::string text = fact_text(*line.item, trace_.names);
  const Words words = facts(trace_, line, complete_);
  if (asks_nothing(words)) return skip(text, "it is not so without the steps left out");
  const std::string process = trace::process_text(fact.slot.process, trace_.names);
  const std::string place = place_args(trace_, fact.slot, fact.cell);
  const auto looks = [&](std::string_view part, const std::string& arguments) {
    parts_.insert(part);
    parts_.insert("step");
    if (differ(words)) parts_.insert("by_rule");
    statement(fmt::format("{}(\"{}\", {}, {}, {}{});", part, text, process, place, arguments,
                          as_c(words)));
    ++tests_;
  };
  switch (fact.kind) {
    case FactKind::value:
      if (differ(words)) parts_.insert("by_rule");
      call(text, process, "look_at_cell", place);
      return wants("value", as_c(words));
    case FactKind::same_frame:
    case FactKind::other_frame:
      return looks("frames",
                   fmt::format("{}, {}, ", trace::process_text(fact.other.process, trace_.names),
                               place_args(trace_, fact.other, 0)));
    case FactKind::mapcount: return looks("mapcount", "");
    case FactKind::kind: {
      const bool file = line.areas.is_file(fact.slot.process, fact.slot.region);
      return looks("kind", file ? "\"file\", " : "\"shmem\", ");
    }
    case FactKind::rss:
    case FactKind::pages: return skip(text, "a process's other memory counts too");
    default: return skip(text, "not shown to any program");
  }
}

}  // namespace cow::emit

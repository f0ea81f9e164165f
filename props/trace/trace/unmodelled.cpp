// What of a trace no machine takes yet.
#include <tuple>

#include "trace/trace.h"

namespace cow::trace {
namespace {

Error refusal(const std::string& file, const Source& at, const std::string& word) {
  return {file, at.line, at.column, "'" + word + "' is not modelled yet"};
}

}  // namespace

std::optional<Error> first_unmodelled(const Trace& trace) {
  for (const Item& item : trace.items) {
    if (const auto* step = std::get_if<Unmodelled>(&item))
      return refusal(trace.file, step->feature_at, step->feature);
    if (const auto* par = std::get_if<Par>(&item))
      return refusal(trace.file, par->at, par->schedule.empty() ? "par" : "schedule");
    if (const auto* judgement = std::get_if<Judgement>(&item))
      return refusal(trace.file, judgement->at,
                     judgement->text.substr(0, judgement->text.find(' ')));
  }
  return std::nullopt;
}

bool Par::operator==(const Par& other) const {
  return schedule == other.schedule && columns == other.columns;
}

bool Trace::operator==(const Trace& other) const {
  const auto parts = [](const Trace& t) {
    return std::tie(t.name, t.question, t.clauses, t.rules, t.verdicts, t.setup, t.names, t.items);
  };
  return parts(*this) == parts(other);
}

}  // namespace cow::trace

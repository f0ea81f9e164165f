// What of a trace no machine takes yet.
#include <tuple>

#include "trace/trace.h"

namespace cow::trace {
namespace {

std::optional<Error> refuse(const std::string& file, const Item& item) {
  const auto* step = std::get_if<Unmodelled>(&item);
  if (step == nullptr) return std::nullopt;
  return Error{file, step->feature_at.line, step->feature_at.column,
               "'" + step->feature + "' is not modelled yet"};
}

const StepLine* fails_table(const Item& item) {
  const auto* line = std::get_if<StepLine>(&item);
  return line != nullptr && line->step.op == Op::sys_fail_table ? line : nullptr;
}

// The specification knows nothing of page tables, so it cannot say what a block may then do.
std::optional<Error> refuse_table_failure(const Trace& trace) {
  const StepLine* found = nullptr;
  bool has_par = false;
  for (const Item& item : trace.items) {
    if (found == nullptr) found = fails_table(item);
    const auto* par = std::get_if<Par>(&item);
    if (par == nullptr) continue;
    has_par = true;
    for (const std::vector<Item>& column : par->columns)
      for (const Item& inner : column)
        if (found == nullptr) found = fails_table(inner);
  }
  if (!has_par || found == nullptr) return std::nullopt;
  return Error{trace.file, found->at.line, found->at.column,
               "'sys fail table' in a trace with par is not modelled yet"};
}

}  // namespace

std::optional<Error> first_unmodelled(const Trace& trace) {
  if (auto error = refuse_table_failure(trace)) return error;
  for (const Item& item : trace.items) {
    if (auto error = refuse(trace.file, item)) return error;
    const auto* par = std::get_if<Par>(&item);
    if (par == nullptr) continue;
    for (const std::vector<Item>& column : par->columns)
      for (const Item& inner : column)
        if (auto error = refuse(trace.file, inner)) return error;
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

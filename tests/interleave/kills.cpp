#include "kills.h"

#include <algorithm>

namespace cow::interleave {

Corpus::Corpus(std::vector<trace::Trace> traces) {
  for (trace::Trace& trace : traces)
    if (trace.name.starts_with("order-")) traces_.push_back(std::move(trace));
}

const trace::Trace& Corpus::named(std::string_view name) const {
  return *std::find_if(traces_.begin(), traces_.end(),
                       [&](const trace::Trace& trace) { return trace.name == name; });
}

const Allowed& Corpus::allowed(const trace::Trace& trace, std::size_t rule) {
  const std::pair key(trace.name, rule);
  const auto known = allowed_.find(key);
  if (known != allowed_.end()) return known->second;
  return allowed_.emplace(key, Allowed(program_of(trace), kRules[rule])).first->second;
}

unsigned switches_of(const explore::Schedule& whole) {
  unsigned switches = 0;
  for (std::size_t i = 1; i < whole.size(); ++i) switches += whole[i] != whole[i - 1] ? 1u : 0u;
  return switches;
}

std::string schedule_line(const explore::Schedule& schedule) {
  std::string text = "schedule";
  for (const std::uint32_t column : schedule) text += " " + std::to_string(column);
  return text;
}

}  // namespace cow::interleave

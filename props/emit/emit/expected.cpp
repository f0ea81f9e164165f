#include "emit/expected.h"

#include <fmt/core.h>

#include <algorithm>

namespace cow::emit {
namespace {

using trace::FactKind;
using trace::Wanted;

std::string one_of(const Wanted& wanted, trace::SpellElement spell) {
  std::string text;
  for (const std::uint32_t element : wanted.any_of)
    text += (text.empty() ? "" : ",") + spell(element);
  return text.empty() ? "-" : text;
}

std::string word(const trace::Expectation& asked, std::size_t rule, std::uint32_t seen,
                 trace::SpellElement spell, bool complete) {
  if (complete && !asked.admits(rule, seen)) return one_of(*asked.find(rule), spell);
  return spell(seen);
}

Words nothing_asked() {
  Words words;
  words.fill("-");
  return words;
}

}  // namespace

Words outcomes(const trace::Trace& trace, const Line& line, bool complete) {
  const auto& step = std::get<trace::StepLine>(*line.item);
  Words words = nothing_asked();
  for (std::size_t rule = 0; rule < kRules.size(); ++rule)
    if (trace.is_for(rule))
      words[rule] = word(step.outcome, rule, static_cast<std::uint32_t>(line.results[rule].outcome),
                         trace::spell_outcome, complete);
  return words;
}

Words values(const trace::Trace& trace, const Line& line, bool complete) {
  const auto& step = std::get<trace::StepLine>(*line.item);
  Words words = nothing_asked();
  for (std::size_t rule = 0; rule < kRules.size(); ++rule)
    if (trace.is_for(rule) && line.results[rule].has_value)
      words[rule] = word(step.value, rule, line.results[rule].value, trace::spell_number, complete);
  return words;
}

Words facts(const trace::Trace& trace, const Line& line, bool complete) {
  const auto& fact = std::get<trace::Fact>(*line.item);
  Words words = nothing_asked();
  for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
    const bool holds = (line.fails >> rule & 1u) == 0;
    if (!trace.is_for(rule) || (!complete && !holds)) continue;
    if (fact.kind == FactKind::same_frame) words[rule] = "same";
    else if (fact.kind == FactKind::other_frame) words[rule] = "different";
    else if (const Wanted* asked = fact.wanted.find(rule))
      words[rule] = one_of(*asked, trace::speller_of(fact.kind));
  }
  return words;
}

bool asks_nothing(const Words& words) {
  return std::all_of(words.begin(), words.end(), [](const auto& w) { return w == "-"; });
}

bool differ(const Words& words) {
  return std::any_of(words.begin(), words.end(), [&](const auto& w) { return w != words[0]; });
}

std::string as_c(const Words& words) {
  if (!differ(words)) return fmt::format("\"{}\"", words[0]);
  std::string text;
  for (const std::string& w : words) text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", w);
  return "by_rule(" + text + ")";
}

}  // namespace cow::emit

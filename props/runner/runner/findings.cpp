#include "runner/findings.h"

#include <algorithm>
#include <utility>

#include "trace/words.h"

namespace cow::runner {
namespace {

constexpr std::size_t kMaxViolations = 16;
constexpr std::string_view kVerdicts[] = {"", "missed", "wrong", "unnecessary"};

}  // namespace

void Findings::fail(std::uint32_t line, std::string expected, std::string seen) {
  run_.failures.push_back({line, std::move(expected), std::move(seen)});
}

void Findings::show(judge::Verdict verdict, std::uint32_t line) {
  if (verdict == judge::Verdict::none) return;
  const std::string_view word = kVerdicts[static_cast<std::size_t>(verdict)];
  shown_.emplace(word);
  if (!announced(word) && surprise_ == 0) surprise_ = line;
}

void Findings::violated(const judge::Disagreements& disagreements, std::uint32_t line) {
  for (const judge::Disagreement& d : disagreements) {
    if (run_.violations.size() == kMaxViolations) return;
    std::string where;
    if (d.slot) where = trace::slot_text(*d.slot, trace_.names) + ": ";
    if (d.ref) where = trace_.names.refs[index(*d.ref)] + ": ";
    run_.violations.push_back({d.clause, line, where + d.text});
  }
}

bool Findings::expect_outcome(const trace::StepLine& item, const Result& result) {
  const auto seen = static_cast<std::uint32_t>(result.outcome);
  if (item.outcome.admits(rule_, seen)) return true;
  fail(item.at.line, wanted(item.outcome, trace::spell_outcome), trace::spell_outcome(seen));
  return false;
}

bool Findings::expect_value(const trace::StepLine& item, const Result& result) {
  const trace::Wanted* asked = item.value.find(rule_);
  if (asked == nullptr || asked->any_of.empty()) return true;
  if (result.has_value && item.value.admits(rule_, result.value)) return true;
  const std::string outcome = trace::spell_outcome(static_cast<std::uint32_t>(result.outcome));
  fail(item.at.line, "value " + wanted(item.value, trace::spell_number),
       result.has_value ? "value " + std::to_string(result.value) : "no value (" + outcome + ")");
  return false;
}

std::string Findings::wanted(const trace::Expectation& e, trace::SpellElement spell) const {
  return trace::print(*e.find(rule_), spell);
}

bool Findings::announced(std::string_view word) const {
  return std::find(said().begin(), said().end(), word) != said().end();
}

// The set shown must equal the set said. A clause id is shown where that clause is violated.
void Findings::judge_verdict() {
  for (const Violation& v : run_.violations)
    if (announced(v.clause)) shown_.insert(v.clause);
  run_.verdict.assign(shown_.begin(), shown_.end());
  const trace::Verdict& want = said();
  if (run_.verdict == want) return;
  fail(surprise_, "verdict " + trace::print(want), "verdict " + trace::print(run_.verdict));
}

Run Findings::finish() {
  judge_verdict();
  // A verdict excuses no clause but the one that it names.
  const bool sound = std::all_of(run_.violations.begin(), run_.violations.end(),
                                 [&](const Violation& v) { return announced(v.clause); });
  run_.status = run_.failures.empty() && sound ? Status::ok : Status::fail;
  return std::move(run_);
}

Run Findings::so_far() {
  run_.status = run_.failures.empty() && run_.violations.empty() ? Status::ok : Status::fail;
  return std::move(run_);
}

}  // namespace cow::runner

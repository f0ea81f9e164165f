#include "runner/run.h"

#include <algorithm>
#include <set>
#include <utility>

#include "runner/facts.h"
#include "trace/print.h"
#include "trace/words.h"

namespace cow::runner {
namespace {

using trace::Expectation;
using trace::Trace;
using trace::Wanted;

constexpr std::size_t kMaxViolations = 16;

class Runner {
 public:
  Runner(const Trace& trace, std::size_t rule, const Observer& observer)
      : trace_(trace), rule_(rule), observer_(observer), machines_(trace.setup, kRules[rule]) {}

  Run take() {
    for (const trace::Item& item : trace_.items) {
      if (const auto* step = std::get_if<trace::StepLine>(&item)) take(*step);
      if (const auto* fact = std::get_if<trace::Fact>(&item)) take(*fact);
    }
    violated(machines_.finish(), last_line_);
    judge_verdict();
    const bool clause_announced = !run_.verdict.empty() && run_.verdict == said();
    const bool sound = run_.violations.empty() || clause_announced;
    run_.status = run_.failures.empty() && sound ? Status::ok : Status::fail;
    return std::move(run_);
  }

 private:
  void take(const trace::StepLine& item) {
    last_line_ = item.at.line;
    const judge::Told told = machines_.step(item.step);
    run_.steps.push_back(
        {item.at.line, trace::print(item.step, trace_.names), told.result, told.verdict});
    if (told.verdict != judge::Verdict::none) {
      const auto word = static_cast<std::size_t>(told.verdict) - 1;
      shown_.emplace(kVerdicts[word]);
      if (!announced(kVerdicts[word]) && surprise_ == 0) surprise_ = item.at.line;
    }
    expect_outcome(item, told.result);
    expect_value(item, told.result);
    violated(told.disagreements, item.at.line);
    if (observer_) observer_(item, told, machines_);
  }
  void expect_outcome(const trace::StepLine& item, const Result& result) {
    const auto seen = static_cast<std::uint32_t>(result.outcome);
    if (item.outcome.admits(rule_, seen)) return;
    fail(item.at.line, wanted(item.outcome, trace::spell_outcome), trace::spell_outcome(seen));
  }
  void expect_value(const trace::StepLine& item, const Result& result) {
    const Wanted* asked = item.value.find(rule_);
    if (asked == nullptr || asked->any_of.empty()) return;
    if (result.has_value && item.value.admits(rule_, result.value)) return;
    const std::string outcome = trace::spell_outcome(static_cast<std::uint32_t>(result.outcome));
    fail(item.at.line, "value " + wanted(item.value, trace::spell_number),
         result.has_value ? "value " + std::to_string(result.value) : "no value (" + outcome + ")");
  }

  void take(const trace::Fact& fact) {
    last_line_ = fact.at.line;
    const std::string text = fact_text(fact, trace_.names);
    if (fact.kind == trace::FactKind::same_frame || fact.kind == trace::FactKind::other_frame)
      return expect_frames(fact, text);
    const Wanted* asked = fact.wanted.find(rule_);
    if (asked == nullptr || asked->any_of.empty()) return;
    const Found found = find_fact(machines_, fact);
    const auto* number = std::get_if<std::uint64_t>(&found);
    const bool fits = number != nullptr && *number <= 0xffffffff;
    if (fits && fact.wanted.admits(rule_, static_cast<std::uint32_t>(*number))) return;
    const trace::SpellElement spell = trace::speller_of(fact.kind);
    const std::string seen = number == nullptr ? std::get<std::string>(found)
                             : fits            ? spell(static_cast<std::uint32_t>(*number))
                                               : std::to_string(*number);
    fail(fact.at.line, text + " = " + wanted(fact.wanted, spell), seen);
  }
  void expect_frames(const trace::Fact& fact, const std::string& text) {
    const Found found = find_frames(machines_, fact.slot, fact.other);
    const auto* same = std::get_if<std::uint64_t>(&found);
    if (same == nullptr) return fail(fact.at.line, text, std::get<std::string>(found));
    const bool want_same = fact.kind == trace::FactKind::same_frame;
    if ((*same != 0) != want_same) fail(fact.at.line, text, want_same ? "two frames" : "one frame");
  }

  void violated(const judge::Disagreements& disagreements, std::uint32_t line) {
    for (const judge::Disagreement& d : disagreements) {
      if (run_.violations.size() == kMaxViolations) return;
      std::string where;
      if (d.slot) where = trace::slot_text(*d.slot, trace_.names) + ": ";
      if (d.ref) where = trace_.names.refs[index(*d.ref)] + ": ";
      run_.violations.push_back({d.clause, line, where + d.text});
    }
  }

  // The set shown must equal the set said. A clause id is shown where that clause is violated.
  void judge_verdict() {
    run_.verdict.assign(shown_.begin(), shown_.end());
    const trace::Verdict& want = said();
    if (want.size() == 1 && run_.verdict.empty())
      for (const Violation& v : run_.violations)
        if (v.clause == want.front()) run_.verdict = want;
    if (run_.verdict == want) return;
    fail(surprise_, "verdict " + trace::print(want), "verdict " + trace::print(run_.verdict));
  }
  [[nodiscard]] const trace::Verdict& said() const { return trace_.verdicts[rule_]; }
  [[nodiscard]] bool announced(std::string_view word) const {
    return std::find(said().begin(), said().end(), word) != said().end();
  }

  [[nodiscard]] std::string wanted(const Expectation& e, trace::SpellElement spell) const {
    return trace::print(*e.find(rule_), spell);
  }
  void fail(std::uint32_t line, std::string expected, std::string seen) {
    run_.failures.push_back({line, std::move(expected), std::move(seen)});
  }

  // Indexed by judge::Verdict, after none.
  static constexpr std::string_view kVerdicts[] = {"missed", "wrong", "unnecessary"};

  const Trace& trace_;
  std::size_t rule_;
  const Observer& observer_;
  Machines machines_;
  Run run_;
  std::set<std::string> shown_;
  std::uint32_t surprise_ = 0;  // line of the first verdict that was not announced
  std::uint32_t last_line_ = 0;
};

}  // namespace

Run run(const Trace& trace, std::size_t rule, const Observer& observer) {
  if (!trace.is_for(rule)) return {Status::skip, {}, {}, {}, {}};
  return Runner(trace, rule, observer).take();
}

Run run(const Trace& trace, std::size_t rule) { return run(trace, rule, Observer{}); }

}  // namespace cow::runner

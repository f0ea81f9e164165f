#include "runner/run.h"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "runner/facts.h"
#include "runner/findings.h"
#include "runner/par_run.h"
#include "trace/print.h"

namespace cow::runner {
namespace {

using trace::Trace;

bool has_par(const Trace& trace) {
  for (const trace::Item& item : trace.items)
    if (std::holds_alternative<trace::Par>(item)) return true;
  return false;
}

// The steps one after the other, and what follows the first par block through `par`.
template <class Implementation> class Runner {
 public:
  Runner(const Trace& trace, std::size_t rule, const Observer& observer)
      : trace_(trace),
        observer_(observer),
        machines_(trace.setup, kRules[rule]),
        findings_(trace, rule) {}

  Run take(const Implementations& implementations) {
    if (has_par(trace_)) par_.emplace(findings_, implementations);
    take_items();
    return findings_.finish();
  }
  // Up to the first par block, of which the verdict is not asked; nor is anything that the trace
  // says from where tables may fail: it counts those of the other way to fork.
  Run take_alone() {
    alone_ = true;
    take_items();
    return has_par(trace_) || !asks_ ? findings_.so_far() : findings_.finish();
  }

 private:
  void take_items() {
    for (const trace::Item& item : trace_.items) {
      if (!par_ && std::holds_alternative<trace::Par>(item)) break;
      if (par_ && (par_->has_begun() || std::holds_alternative<trace::Par>(item))) {
        par_->take(item);
        continue;
      }
      if (const auto* step = std::get_if<trace::StepLine>(&item)) take(*step);
      if (const auto* fact = std::get_if<trace::Fact>(&item)) take(*fact);
    }
    findings_.violated(machines_.finish(), last_line_);
  }
  void take(const trace::StepLine& item) {
    last_line_ = item.at.line;
    const judge::Told told = machines_.step(item.step);
    findings_.ran({item.at.line, trace::print(item.step, trace_.names), told.result, told.verdict});
    findings_.show(told.verdict, item.at.line);
    asks_ = asks_ && !(alone_ && item.step.op == Op::sys_fail_table);
    if (asks_) {
      findings_.expect_outcome(item, told.result);
      findings_.expect_value(item, told.result);
    }
    findings_.violated(told.disagreements, item.at.line);
    if (par_) par_->before(item.step);
    if constexpr (std::is_same_v<Implementation, impl::Machine>)
      if (observer_) observer_(item, told, machines_);
  }
  void take(const trace::Fact& fact) {
    last_line_ = fact.at.line;
    if (asks_) expect_fact(machines_, fact, findings_);
  }

  const Trace& trace_;
  const Observer& observer_;
  Beside<Implementation> machines_;
  Findings findings_;
  std::optional<ParRun> par_;  // where the trace has a par block
  std::uint32_t last_line_ = 0;
  bool alone_ = false;
  bool asks_ = true;
};

// What the other way to fork shows besides.
void add(Run& run, const Run& shared) {
  if (shared.status != Status::fail) return;
  run.status = Status::fail;
  const auto said = [](const std::string& text) { return text + " (shared tables)"; };
  for (const Failure& f : shared.failures) {
    const bool known = std::any_of(run.failures.begin(), run.failures.end(), [&](const Failure& x) {
      return x.line == f.line && x.expected == f.expected && x.seen == f.seen;
    });
    if (!known) run.failures.push_back({f.line, f.expected, said(f.seen)});
  }
  for (const Violation& v : shared.violations)
    run.violations.push_back({v.clause, v.line, said(v.witness)});
}

}  // namespace

Run run(const Trace& trace, std::size_t rule, const Observer& observer,
        const Implementations& implementations) {
  if (!trace.is_for(rule)) return {Status::skip, {}, {}, {}, {}};
  Run all = Runner<impl::Machine>(trace, rule, observer).take(implementations);
  add(all, Runner<impl::SharedTablesMachine>(trace, rule, {}).take_alone());
  return all;
}

}  // namespace cow::runner

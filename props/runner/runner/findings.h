// What a run has found so far: what does not hold, and the verdicts that it shows.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "judge/disagreement.h"
#include "runner/run.h"
#include "trace/print.h"

namespace cow::runner {

class Findings {
 public:
  Findings(const trace::Trace& trace, std::size_t rule) : trace_(trace), rule_(rule) {}

  void ran(StepRun step) { run_.steps.push_back(std::move(step)); }
  void fail(std::uint32_t line, std::string expected, std::string seen);
  void remark(std::uint32_t line, std::string text) {
    run_.remarks.push_back({line, std::move(text)});
  }
  void show(judge::Verdict verdict, std::uint32_t line);
  void violated(const judge::Disagreements& disagreements, std::uint32_t line);
  // Both say whether it is as expected.
  bool expect_outcome(const trace::StepLine& item, const Result& result);
  bool expect_value(const trace::StepLine& item, const Result& result);
  // How what is wanted under this rule set is spelled. REQUIRES: something is.
  [[nodiscard]] std::string wanted(const trace::Expectation& e, trace::SpellElement spell) const;
  [[nodiscard]] std::size_t rule() const { return rule_; }
  [[nodiscard]] const trace::Trace& trace() const { return trace_; }

  // Holds the verdict shown against the one said, and gives the whole.
  Run finish();
  // The same without the verdict.
  Run so_far();

 private:
  void judge_verdict();
  [[nodiscard]] const trace::Verdict& said() const { return trace_.verdicts[rule_]; }
  [[nodiscard]] bool announced(std::string_view word) const;

  const trace::Trace& trace_;
  std::size_t rule_;
  Run run_;
  std::set<std::string> shown_;
  std::uint32_t surprise_ = 0;  // line of the first verdict that was not announced
};

}  // namespace cow::runner

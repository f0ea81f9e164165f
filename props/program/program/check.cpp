// `cow check`: traces in lockstep under their rule sets, states against the invariants.
#include <fmt/core.h>

#include "interleave/executions.h"
#include "interleave/explored_machine.h"
#include "program/builtin.h"
#include "program/command.h"
#include "program/inputs.h"
#include "program/report.h"
#include "program/rules.h"
#include "program/state_checker.h"
#include "trace/print.h"

namespace cow::program {
namespace {

using runner::Status;

struct CheckOptions {
  std::vector<std::string> files;
  std::string rule;
  bool z3 = false, json = false, tap = false;
};

std::optional<int> parse_options(std::vector<std::string> arguments, CheckOptions& options) {
  CLI::App app{
      "Runs traces on the ideal machine, the specification and the implementation in\n"
      "lockstep, and judges them; checks states (.cowstate) and names witnesses.",
      "cow check"};
  app.add_option("FILE", options.files, "traces and states; `-` is standard input")->required();
  app.add_option("--rule", options.rule, "one rule set, or any kernel's version (default: all)");
  app.add_flag("--z3", options.z3, "check states with Z3, as is always done");
  auto* json = app.add_flag("--json", options.json, "one JSON document; text to standard error");
  app.add_flag("--tap", options.tap, "TAP version 13")->excludes(json);
  return parse(app, std::move(arguments));
}

// par blocks run in every order of the implementation's memory accesses and locks, or in as many as
// interleave::Effort says.
Finding check_trace(const Input& input, const trace::Trace& trace, std::size_t rule) {
  static const interleave::Executions<interleave::ExploredMachine> copied_tables;
  static const interleave::Executions<interleave::ExploredSharedTablesMachine> shared_tables;
  Finding f{&input, std::string(kRules[rule].name), "-",
            runner::run(trace, rule, {}, {&copied_tables, &shared_tables}), ""};
  if (f.run.status == Status::skip) f.skipped = "the trace leaves this rule set out";
  else f.verdict = trace::print(f.run.verdict);
  for (const runner::Remark& remark : f.run.remarks)
    fmt::print(stderr, "{}:{}: {}: {}\n", input.path, remark.line, f.rule, remark.text);
  return f;
}

Finding check_state(const Input& input, const trace::State& state) {
  Finding f{&input, "-", "-", {}, ""};
  const StateChecker checker = state_checker();
  if (checker == nullptr) {
    f.run.status = Status::skip;
    f.skipped = "this build cannot check states";
    fmt::print(stderr, "cow check: {}: {}\n", input.path, f.skipped);
    return f;
  }
  StateReport report = checker(state);
  for (const std::string& clause : report.unknown)
    fmt::print(stderr, "{}: {} unknown\n", input.path, clause);
  f.unknown = std::move(report.unknown);
  f.run.violations = std::move(report.violations);
  f.run.status = f.run.violations.empty() ? Status::ok : Status::fail;
  return f;
}

std::vector<Finding> check_all(const std::vector<Input>& inputs,
                               const std::optional<std::size_t>& only) {
  std::vector<Finding> findings;
  for (const Input& input : inputs) {
    if (const auto* state = std::get_if<trace::State>(&input.content)) {
      findings.push_back(check_state(input, *state));
      continue;
    }
    const auto& trace = std::get<trace::Trace>(input.content);
    for (std::size_t rule = 0; rule < kRules.size(); ++rule)
      if (!only || *only == rule) findings.push_back(check_trace(input, trace, rule));
  }
  return findings;
}

int exit_status(const std::vector<Finding>& findings) {
  bool judged = false, unable = false;
  for (const Finding& f : findings) {
    if (f.run.status == Status::fail) return kSomethingElse;
    if (f.run.status == Status::ok) judged = true;
    if (f.run.status == Status::skip && f.rule == "-") unable = true;
  }
  return judged && !unable ? kAsExpected : kCannot;
}

}  // namespace

int command_check(std::vector<std::string> arguments) {
  CheckOptions options;
  if (const auto status = parse_options(std::move(arguments), options)) return *status;
  std::optional<std::size_t> rule;
  if (!options.rule.empty()) {
    rule = rule_asked_for("check", options.rule);
    if (!rule) return kUnusable;
  }
  const auto inputs = read_inputs(options.files);
  if (!inputs) return kUnusable;
  const std::vector<Finding> findings = check_all(*inputs, rule);
  if (options.json) {
    print_json(stdout, findings);
    print_text(stderr, findings);
  } else if (options.tap) {
    print_tap(stdout, findings);
  } else {
    print_text(stdout, findings);
  }
  const int status = exit_status(findings);
  if (status == kCannot)
    fmt::print(stderr, "cow check: something was skipped, and nothing failed\n");
  return status;
}

}  // namespace cow::program

// `cow run`: what changes at each step of one trace, or a table of its pages.
#include "runner/run.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>

#include "program/builtin.h"
#include "program/command.h"
#include "program/inputs.h"
#include "program/picture.h"
#include "program/report.h"
#include "program/rules.h"
#include "program/table.h"
#include "trace/print.h"

namespace cow::program {
namespace {

struct RunOptions {
  std::string file;
  std::string rule = "5.14";
  bool table = false;
};

constexpr const char* kVerdictWords[] = {"", "missed", "wrong", "unnecessary"};

std::string emphasized(const std::string& text) {
  static const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  return colour && !text.empty() ? "\033[1;31m" + text + "\033[0m" : text;
}

std::size_t step_width(const trace::Trace& trace) {
  std::size_t width = 0;
  for (const trace::Item& item : trace.items)
    if (const auto* step = std::get_if<trace::StepLine>(&item))
      width = std::max(width, trace::print(step->step, trace.names).size());
  return width;
}

// Prints each step with its outcome, and what it changed.
runner::Run print_steps(const trace::Trace& trace, std::size_t rule) {
  const std::size_t width = step_width(trace);
  Painter painter(trace);
  Picture before;
  bool first = true, told = false;
  if (NamedPages(trace).leaves_some_out()) fmt::print("{}", kNamedPagesOnly);
  return runner::run(trace, rule, [&](const auto& line, const auto& result, const auto& machines) {
    if (first) before = painter.paint(runner::Machines(trace.setup, kRules[rule]));
    first = false;
    std::string outcome = trace::spell_outcome(static_cast<std::uint32_t>(result.result.outcome));
    if (result.result.has_value) outcome += " = " + std::to_string(result.result.value);
    const char* verdict = kVerdictWords[static_cast<std::size_t>(result.verdict)];
    const std::string head = fmt::format("{:>4}  {:<{}}  {:<11}", line.at.line,
                                         trace::print(line.step, trace.names), width, outcome);
    const std::string last = *verdict == 0 ? "" : "  " + emphasized(verdict);
    fmt::print("{}{}\n", *verdict == 0 ? head.substr(0, head.find_last_not_of(' ') + 1) : head,
               last);
    if (machines.spec_has_left() && !told) {
      fmt::print("        from here on the implementation alone; frames are named anew\n");
      told = true;
    }
    Picture after = painter.paint(machines);
    for (const std::string& change : changes(before, after)) fmt::print("        {}\n", change);
    before = std::move(after);
  });
}

// Prints one rule set's run and what does not hold; gives the exit status.
int finish(const Input& input, std::size_t rule, const runner::Run& run) {
  if (run.status == runner::Status::skip) {
    fmt::print("skip {} {}\n", input.name, kRules[rule].name);
    return kCannot;
  }
  fmt::print("{} {} {} {} {}\n", run.status == runner::Status::ok ? "ok" : "FAIL", input.name,
             kRules[rule].name, emphasized(trace::print(run.verdict)), input.hash);
  for (const std::string& line : complaints(input, run)) fmt::print("{}\n", line);
  return run.status == runner::Status::ok ? kAsExpected : kSomethingElse;
}

int worse(int a, int b) {
  if (a == kSomethingElse || b == kSomethingElse) return kSomethingElse;
  return a == kAsExpected || b == kAsExpected ? kAsExpected : kCannot;
}

int run_input(const Input& input, const std::vector<std::size_t>& rules, bool table) {
  const auto& trace = std::get<trace::Trace>(input.content);
  int status = kCannot;
  std::vector<runner::Run> runs;
  if (table) runs = print_table(trace, rules);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const bool several = rules.size() > 1 && !table && trace.is_for(rules[i]);
    if (several) fmt::print("{}rule {}\n", i == 0 ? "" : "\n", kRules[rules[i]].name);
    if (!table) runs.push_back(print_steps(trace, rules[i]));
    status = worse(status, finish(input, rules[i], runs[i]));
  }
  return status;
}

}  // namespace

int command_run(std::vector<std::string> arguments) {
  RunOptions options;
  CLI::App app{"Prints what changes at each step of a trace.", "cow run"};
  app.add_option("FILE", options.file, "a trace; `-` is standard input")->required();
  app.add_option("--rule", options.rule, "a rule set, any kernel's version, or `all`")
      ->capture_default_str();
  app.add_flag("--table", options.table, "a table of the pages that the trace touches");
  if (const auto status = parse(app, std::move(arguments))) return *status;
  std::vector<std::size_t> rules;
  if (options.rule == "all") {
    for (std::size_t i = 0; i < kRules.size(); ++i) rules.push_back(i);
  } else {
    const auto rule = rule_asked_for("run", options.rule);
    if (!rule) return kUnusable;
    rules.push_back(*rule);
  }
  const auto inputs = read_inputs({options.file});
  if (!inputs) return kUnusable;
  if (!std::holds_alternative<trace::Trace>(inputs->front().content)) {
    fmt::print(stderr, "{}:1:1: error: a state has no steps to run\n", options.file);
    return kUnusable;
  }
  return run_input(inputs->front(), rules, options.table);
}

}  // namespace cow::program

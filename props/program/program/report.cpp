#include "program/report.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "trace/words.h"

namespace cow::program {
namespace {

using nlohmann::ordered_json;
using runner::Status;

std::uint32_t line_of(const Input& input, const runner::Failure& failure) {
  return failure.line == 0 ? input.verdict_line : failure.line;
}

std::string summary(const Finding& f) {
  return fmt::format("{} {} {} {}", f.input->name, f.rule, f.verdict, f.input->hash);
}

ordered_json step_json(const runner::StepRun& step) {
  ordered_json value;
  if (step.result.has_value) value = step.result.value;
  return {{"line", step.line},
          {"step", step.text},
          {"outcome", step.outcome.empty()
                          ? std::string(trace::kOutcomeWords[trace::index_of(step.result.outcome)])
                          : step.outcome},
          {"value", value}};
}

ordered_json finding_json(const Finding& f) {
  constexpr const char* words[] = {"ok", "fail", "skip"};
  ordered_json steps = ordered_json::array(), failures = steps, violations = steps;
  for (const auto& step : f.run.steps) steps.push_back(step_json(step));
  for (const auto& x : f.run.failures)
    failures.push_back(
        {{"line", line_of(*f.input, x)}, {"expected", x.expected}, {"seen", x.seen}});
  for (const auto& x : f.run.violations)
    violations.push_back({{"clause", x.clause}, {"line", x.line}, {"witness", x.witness}});
  return {{"file", f.input->path},
          {"name", f.input->name},
          {"rule", f.rule},
          {"hash", f.input->hash},
          {"status", words[static_cast<std::size_t>(f.run.status)]},
          {"skipped", f.skipped},
          {"verdict", f.verdict},
          {"steps", steps},
          {"failures", failures},
          {"violations", violations},
          {"unknown", f.unknown}};
}

}  // namespace

std::vector<std::string> complaints(const Input& input, const runner::Run& run) {
  std::vector<std::string> lines;
  for (const auto& f : run.failures)
    lines.push_back(fmt::format("{}:{}: expected {}, seen {}", input.path, line_of(input, f),
                                f.expected, f.seen));
  for (const auto& v : run.violations)
    lines.push_back(fmt::format("{}:{}: expected {} to hold, seen {}", input.path, v.line, v.clause,
                                v.witness));
  return lines;
}

void print_text(std::FILE* out, const std::vector<Finding>& findings) {
  for (const Finding& f : findings) {
    if (f.run.status == Status::skip) {
      fmt::print(out, "skip {} {}\n", f.input->name, f.rule);
      continue;
    }
    fmt::print(out, "{} {}\n", f.run.status == Status::ok ? "ok" : "FAIL", summary(f));
    if (f.run.status == Status::fail)
      for (const std::string& line : complaints(*f.input, f.run)) fmt::print(out, "{}\n", line);
  }
}

// A complaint may have a second line, a schedule to be pasted.
static void print_comment(std::FILE* out, std::string_view text) {
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find('\n');
    fmt::print(out, "# {}\n", text.substr(0, end));
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
}

void print_tap(std::FILE* out, const std::vector<Finding>& findings) {
  fmt::print(out, "TAP version 13\n1..{}\n", findings.size());
  std::size_t number = 0;
  for (const Finding& f : findings) {
    ++number;
    if (f.run.status == Status::skip) {
      fmt::print(out, "ok {} - {} {} # SKIP {}\n", number, f.input->name, f.rule, f.skipped);
      continue;
    }
    fmt::print(out, "{} {} - {}\n", f.run.status == Status::ok ? "ok" : "not ok", number,
               summary(f));
    if (f.run.status == Status::fail)
      for (const std::string& line : complaints(*f.input, f.run)) print_comment(out, line);
  }
}

void print_json(std::FILE* out, const std::vector<Finding>& findings,
                const std::vector<std::string>& remarks) {
  ordered_json results = ordered_json::array();
  for (const Finding& f : findings) results.push_back(finding_json(f));
  ordered_json document = {{"tool", "cow"}, {"version", COW_VERSION}, {"results", results}};
  if (!remarks.empty()) document["remarks"] = remarks;
  fmt::print(out, "{}\n", document.dump(1, ' ', false, ordered_json::error_handler_t::replace));
}

}  // namespace cow::program

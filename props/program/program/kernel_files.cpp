// Traces on the kernel: what is printed of each, and of all.
#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "kernel/record.h"
#include "kernel/trace_run.h"
#include "program/command.h"
#include "program/kernel.h"
#include "program/report.h"
#include "trace/input.h"
#include "trace/print.h"

namespace cow::program {
namespace {

using runner::Status;

struct Sums {
  std::size_t ok = 0, failed = 0, skipped = 0, steps = 0;
  std::uint64_t facts = 0, facts_unseen = 0, stray_copies = 0;

  void add(const kernel::TraceRun& run) {
    ok += run.run.status == Status::ok;
    failed += run.run.status == Status::fail;
    skipped += run.run.status == Status::skip;
    if (run.run.status == Status::skip) return;
    steps += run.steps;
    facts += run.facts;
    facts_unseen += run.facts_unseen;
    stray_copies += run.stray_copies;
  }
};

Finding finding_of(const Input& input, std::size_t rule, const kernel::TraceRun& run) {
  Finding f{&input, std::string(kRules[rule].name), "-", run.run, run.skipped};
  if (run.run.status == Status::ok && run.beyond.empty()) f.verdict = trace::print(run.run.verdict);
  return f;
}

void say_skip(const Input& input, const kernel::TraceRun& run) {
  if (run.run.status != Status::skip) return;
  const std::uint32_t line = run.skipped_at == 0 ? input.verdict_line : run.skipped_at;
  fmt::print(stderr, "{}:{}: skipped: {}\n", input.path, line, run.skipped);
}

std::string beyond_remark(const Input& input, const kernel::TraceRun& run) {
  return fmt::format(
      "{}: '{}': values and signals are compared with what a program is promised; "
      "outcomes, frames and counts are not",
      input.name, run.beyond);
}

void print_sums(std::FILE* out, const Sums& s) {
  fmt::print(out,
             "# {} traces agree, {} do not, {} skipped; {} steps; {} asserted facts compared, {} "
             "cannot be seen",
             s.ok, s.failed, s.skipped, s.steps, s.facts, s.facts_unseen);
  if (s.stray_copies > 0) fmt::print(out, "; {} stray-reference copies, repeated", s.stray_copies);
  fmt::print(out, "\n");
}

void print_row(const KernelRun& k, const Sums& s) {
  fmt::print("| {} | {} | {} | {} files ({} skipped) | {} | {} | {} |\n", kernel_name(k),
             kRules[k.rule].name, kernel::kSightWords[static_cast<std::size_t>(k.machine.sight())],
             s.ok + s.failed, s.skipped, s.steps, s.failed, s.stray_copies);
}

// All or nothing: a reader never finds half a trace.
bool replace_file(const std::string& link, const std::string& text) {
  std::error_code unresolved;
  const std::string path = std::filesystem::canonical(link, unresolved).string();
  if (unresolved) return false;
  const std::string beside = path + ".new";
  std::ofstream file(beside, std::ios::binary);
  file << text;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(beside, path, error);
  if (file && !error) return true;
  std::filesystem::remove(beside, error);
  return false;
}

}  // namespace

int kernel_files(const KernelRun& k, const std::vector<Input>& inputs) {
  std::vector<Finding> findings;
  std::vector<std::string> remarks;
  Sums sums;
  for (const Input& input : inputs) {
    const kernel::TraceRun run =
        kernel::run_trace(std::get<trace::Trace>(input.content), k.rule, k.machine);
    say_skip(input, run);
    sums.add(run);
    findings.push_back(finding_of(input, k.rule, run));
    if (run.run.status != Status::skip && !run.beyond.empty())
      remarks.push_back(beyond_remark(input, run));
  }
  const std::vector<std::string> about = describe(k);
  remarks.insert(remarks.begin(), about.begin(), about.end());
  std::FILE* text = k.options.json || k.options.row ? stderr : stdout;
  if (k.options.json) print_json(stdout, findings, remarks);
  if (k.options.tap) print_tap(stdout, findings);
  else print_text(text, findings);
  for (const std::string& line : remarks) fmt::print(text, "# {}\n", line);
  print_sums(text, sums);
  if (k.options.row) print_row(k, sums);
  if (sums.failed > 0) return kSomethingElse;
  if (sums.ok > 0) return kAsExpected;
  fmt::print(stderr, "cow kernel: nothing could be compared\n");
  return kCannot;
}

int kernel_record(const KernelRun& k, const std::vector<Input>& inputs) {
  std::size_t recorded = 0;
  for (const Input& input : inputs) {
    const auto& trace = std::get<trace::Trace>(input.content);
    const kernel::Recorded now = kernel::record(trace, k.rule, k.machine);
    if (!now.cannot.empty()) {
      fmt::print("skip {} {}\n", input.name, kRules[k.rule].name);
      fmt::print(stderr, "{}:{}: not recorded: {}\n", input.path,
                 now.line == 0 ? input.verdict_line : now.line, now.cannot);
      continue;
    }
    // What stood on standard input goes to standard output.
    const bool piped = input.path == "-";
    if (piped) {
      fmt::print("{}", trace::print(now.trace));
    } else {
      const auto text = trace::read_input(input.path);
      const std::string* before = std::get_if<std::string>(&text);
      if (before == nullptr ||
          !replace_file(input.path, kernel::rewrite(*before, trace, now.trace))) {
        fmt::print(stderr, "cow kernel: {} cannot be written\n", input.path);
        return kCannot;
      }
      fmt::print("recorded {} {}\n", input.name, kRules[k.rule].name);
    }
    ++recorded;
  }
  for (const std::string& line : describe(k)) fmt::print(stderr, "# {}\n", line);
  return recorded > 0 ? kAsExpected : kCannot;
}

}  // namespace cow::program

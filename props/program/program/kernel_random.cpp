// Random traces on the kernel: progress, sums, and the trace that disagrees.
#include <fmt/format.h>
#include <unistd.h>

#include "kernel/random_runs.h"
#include "program/command.h"
#include "program/kernel.h"
#include "trace/print.h"
#include "trace/words.h"

namespace cow::program {
namespace {

using kernel::RandomResult;

// `P0.a[1]: `, by the names that the trace is printed with; nothing where the step's line says it.
std::string where(const kernel::Disagreement& d, const laws::Case& test) {
  if (!d.slot) return "";
  const Slot& s = *d.slot;
  Step step;
  step.process = s.process;
  step.region = s.region;
  step.first = step.last = s.page;
  std::vector<Step> steps = test.steps;
  steps.push_back(step);  // names are given in the order of first use
  const trace::Trace named = trace::from_steps("named", "", test.setup, steps);
  const auto& last = std::get<trace::StepLine>(named.items.back()).step;
  return trace::slot_text({last.process, last.region, s.page}, named.names) + ": ";
}

// The specification's column is what the trace expects; the kernel's stands behind it.
std::string both_columns(const KernelRun& k, const laws::Case& test) {
  trace::Trace t = trace::from_steps("disagreement", "Where do kernel and specification part ways?",
                                     test.setup, test.steps);
  std::vector<std::string> kernel_says(test.steps.size());
  std::vector<Result> wanted(test.steps.size());
  std::size_t steps = 0;
  kernel::replay(test.setup, test.steps, kRules[k.rule], k.machine,
                 [&](std::size_t i, const Result& want, const kernel::Seen& seen, kernel::Stage&) {
                   wanted[i] = want;
                   kernel_says[i] = kernel::print(seen.outcomes);
                   if (seen.has_value) kernel_says[i] += " " + std::to_string(seen.value);
                   steps = i + 1;
                 });
  std::size_t i = 0;
  std::vector<std::string> behind;
  for (trace::Item& item : t.items) {
    auto& line = std::get<trace::StepLine>(item);
    if (i < steps) {
      const auto rule = static_cast<trace::RuleBits>(1u << k.rule);
      line.outcome.add(rule, {static_cast<std::uint32_t>(wanted[i].outcome)});
      if (wanted[i].has_value) line.value.add(rule, {wanted[i].value});
      behind.push_back(kernel_says[i]);
    }
    ++i;
  }
  trace::Trace header = t;
  header.items.clear();
  std::string text = trace::print(header);
  for (i = 0; i < t.items.size(); ++i) {
    std::string line = trace::print(t.items[i], t.names);
    line.pop_back();
    text += i < behind.size() ? fmt::format("{:<56} # kernel: {}\n", line, behind[i]) : line + "\n";
  }
  return text;
}

void show_progress(const RandomResult& r) {
  fmt::print(stderr, "\r{} steps, {} traces, {:.0f} steps/s ", r.steps, r.traces,
             static_cast<double>(r.steps) / r.seconds);
  std::fflush(stderr);
}

void print_sums(const KernelRun& k, const RandomResult& r) {
  for (const std::string& line : describe(k)) fmt::print("# {}\n", line);
  fmt::print(
      "# seed {}: {} traces, {} steps, {:.0f} steps/s; {} entries compared; {} write faults\n",
      k.options.random.seed, r.traces - r.cannot, r.steps,
      r.seconds > 0 ? static_cast<double>(r.steps) / r.seconds : 0.0, r.looked_at, r.write_faults);
  fmt::print("# {} stray-reference copies (at most {} in 1000 write faults)\n", r.stray_copies,
             kernel::kStrayPerThousand);
  if (!k.options.random.without.empty())
    fmt::print("# left out: {}\n", fmt::join(k.options.random.without, ", "));
  if (r.cannot > 0) fmt::print("# {} traces were given up: {}\n", r.cannot, r.last_cannot);
}

void print_row(const KernelRun& k, const RandomResult& r) {
  const auto& without = k.options.random.without;
  const std::string left_out =
      without.empty() ? "" : fmt::format(" (without {})", fmt::join(without, ", "));
  fmt::print("| {} | {} | {} | {} random, seed {}{} | {} | {} | {} |\n", kernel_name(k),
             kRules[k.rule].name, kernel::kSightWords[static_cast<std::size_t>(k.machine.sight())],
             r.traces, k.options.random.seed, left_out, r.steps, r.witness ? 1 : 0, r.stray_copies);
}

}  // namespace

int kernel_random(const KernelRun& k) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const RandomResult r = kernel::run_random(k.options.random, kRules[k.rule], k.machine,
                                            terminal ? show_progress : kernel::OnProgress{});
  if (terminal) fmt::print(stderr, "\r{:60}\r", "");
  if (k.options.row) print_row(k, r);
  else print_sums(k, r);
  if (r.cannot == r.traces) {
    fmt::print(stderr, "cow kernel: nothing could be compared: {}\n", r.last_cannot);
    return kCannot;
  }
  if (!r.witness) return kAsExpected;
  const kernel::Disagreement& d = r.disagreement;
  fmt::print("FAIL {}, at step {}: {}expected {}, seen {}{}\n",
             kernel::kSortWords[static_cast<std::size_t>(d.sort)], d.step + 1, where(d, *r.witness),
             d.expected, d.seen, r.repeats ? "" : " (did not show again)");
  if (d.sort == kernel::Sort::lost)
    fmt::print("{}", trace::print(trace::from_steps("lost", "Which step hangs?", r.witness->setup,
                                                    r.witness->steps)));
  else fmt::print("{}", both_columns(k, *r.witness));
  return kSomethingElse;
}

}  // namespace cow::program

#include "laws/witness.h"

#include <algorithm>
#include <fstream>
#include <variant>

#include "trace/print.h"

namespace cow::laws {

trace::Verdict verdict_of(const Case& test, std::size_t rule) {
  const auto machines = specification_and_implementation(test.setup, kRules[rule]);
  std::array<bool, 4> had{};
  for (const Step& step : test.steps)
    had[static_cast<std::size_t>(machines->step(step).verdict)] = true;
  trace::Verdict verdict;  // in the order of the alphabet
  if (had[static_cast<std::size_t>(judge::Verdict::missed)]) verdict.push_back("missed");
  if (had[static_cast<std::size_t>(judge::Verdict::unnecessary)]) verdict.push_back("unnecessary");
  if (had[static_cast<std::size_t>(judge::Verdict::wrong)]) verdict.push_back("wrong");
  return verdict;
}

trace::Trace witness(const std::string& name, const std::string& question, std::string_view clauses,
                     const Case& test) {
  trace::Trace t = trace::from_steps(name, question, test.setup, test.steps);
  while (!clauses.empty()) {
    const std::size_t blank = std::min(clauses.find(' '), clauses.size());
    t.clauses.emplace_back(clauses.substr(0, blank));
    clauses.remove_prefix(std::min(blank + 1, clauses.size()));
  }
  for (std::size_t rule = 0; rule < kRules.size(); ++rule)
    t.verdicts[rule] = verdict_of(test, rule);
  return t;
}

std::string witness_name(std::string_view law, std::string_view rule) {
  std::string name = std::string(law) + "-" + std::string(rule);
  std::replace(name.begin(), name.end(), '.', '-');
  return name;
}

bool write_witness(const std::filesystem::path& folder, const trace::Trace& trace) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  std::ofstream out(folder / (trace.name + ".cow"), std::ios::binary);
  out << trace::print(trace);
  return static_cast<bool>(out.flush());
}

std::optional<Case> case_of(const trace::Trace& trace) {
  if (trace::first_unmodelled(trace)) return std::nullopt;
  Case test{trace.setup, {}};
  for (const trace::Item& item : trace.items)
    if (const auto* line = std::get_if<trace::StepLine>(&item)) test.steps.push_back(line->step);
  return test;
}

}  // namespace cow::laws

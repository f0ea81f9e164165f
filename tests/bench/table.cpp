#include "table.h"

#include <sys/utsname.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include "notes.h"

namespace cow::bench {
namespace {

std::string number(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}
// Three digits that count.
std::string three_digits(double value) {
  const int before = value <= 0 ? 1 : static_cast<int>(std::floor(std::log10(value))) + 1;
  return number(value, std::max(0, 3 - before));
}
std::string duration(double seconds) {
  if (seconds < 1e-6) return three_digits(seconds * 1e9) + " ns";
  if (seconds < 1e-3) return three_digits(seconds * 1e6) + " µs";
  return three_digits(seconds * 1e3) + " ms";
}
std::string amount(const Row& row, double value) {
  value /= row.per;
  return row.unit == Unit::bytes ? three_digits(value) + " B" : duration(value);
}

std::string goal_words(const Goal& goal) {
  if (goal.bound == 0) return "";
  std::string words = goal.kind == Goal::Kind::at_most ? "at most " : "at least ";
  words += number(goal.bound, goal.bound == static_cast<int>(goal.bound) ? 0
                              : goal.bound < 1                           ? 2
                                                                         : 1);
  if (goal.stretch > 0) words += ", stretch " + number(goal.stretch, 2);
  return words;
}

std::string verdict(const Row& row) {
  if (!row.measured)
    return row.not_measured.empty() ? "not run" : "not judged: " + row.not_measured;
  if (row.goal.bound == 0) return "information";
  const std::string reason = row.not_judged ? row.not_judged() : "";
  if (!reason.empty()) return "not judged: " + reason;
  const double ratio = row.measured->ratio;
  if (row.goal.kind == Goal::Kind::at_least) return ratio >= row.goal.bound ? "met" : "**not met**";
  if (row.goal.stretch > 0 && ratio <= row.goal.stretch) return "met, stretch too";
  return ratio <= row.goal.bound ? "met" : "**not met**";
}

void write_row(std::ostream& out, const Row& row) {
  out << "| " << row.what << " | " << row.machine << " | ";
  if (row.measured) {
    const Measured& m = *row.measured;
    out << amount(row, m.ours.median) << " | " << row.beside << ": " << amount(row, m.limit.median)
        << " | " << three_digits(m.ratio) << " | " << three_digits(m.low) << " to "
        << three_digits(m.high) << " | ";
  } else {
    out << "| " << row.beside << " | | | ";
  }
  out << goal_words(row.goal) << " | " << verdict(row) << " |\n";
}

void write_rows(std::ostream& out, const Plan& plan, std::string_view section) {
  out << "| what | machine | ours | limit | ratio | its spread | goal | |\n"
         "|---|---|---|---|---|---|---|---|\n";
  for (const Row& row : plan.rows)
    if (row.section == section) write_row(out, row);
}

// Information has no goal.
void write_summary(std::ostream& out, const Plan& plan) {
  unsigned met = 0, unmet = 0, open = 0;
  for (const Row& row : plan.rows) {
    if (row.goal.bound == 0) continue;
    const std::string said = verdict(row);
    ++(said.starts_with("met") ? met : said.starts_with("**") ? unmet : open);
  }
  out << met << " goals met, " << unmet << " not met, " << open << " not judged.\n";
}

void write_growth(std::ostream& out, const Growth& growth) {
  out << "\n### " << growth.title << "\n\n| " << growth.of << " |";
  for (const std::string& column : growth.columns) out << ' ' << column << " |";
  out << "\n|---|";
  for (std::size_t i = 0; i < growth.columns.size(); ++i) out << "---|";
  out << '\n';
  for (const Growing& line : growth.lines) {
    out << "| " << line.label << " |";
    for (const Spread& s : line.measured)
      out << ' ' << (s.median < 0 ? "" : three_digits(s.median * 1e9)) << " |";
    if (line.measured.empty())
      out << " not measured" << (line.not_measured.empty() ? "" : ": ") << line.not_measured
          << " |";
    out << '\n';
  }
}

std::string model_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

void write_machine(std::ostream& out, double load) {
  utsname system{};
  uname(&system);
  out << "Measured on: " << model_name() << ", " << std::thread::hardware_concurrency()
      << " cores; " << system.sysname << ' ' << system.release << "; compiled by "
#ifdef __clang__
      << "Clang " << __clang_major__
#else
      << "GCC " << __GNUC__
#endif
      << ", Release. Load average when the run began: " << number(load, 1) << ".\n";
}

}  // namespace

void write_report(std::ostream& out, const Plan& plan) {
  out << "# What things cost\n\nWritten by `tests/bench/table`, which measures anew.\n\n";
  if (plan.scale.quick)
    out << "**Sizes and repetitions were divided by `--quick`: figures mean nothing.**\n\n";
  write_machine(out, plan.load);
  out << '\n' << kHowMeasured;
  out << "\n## Goals\n\n";
  write_summary(out, plan);
  for (const std::string_view section : kSections) {
    out << "\n### " << section << "\n\n";
    write_rows(out, plan, section);
  }
  out << "\n## " << kBesideKernel << "\n\n" << kKernelNotes << '\n';
  write_rows(out, plan, kBesideKernel);
  out << "\n## How cost grows\n\nMedians. Empty: not measured at that size, as it would write more "
         "than 2 GiB.\n";
  for (const Growth& growth : plan.growths) write_growth(out, growth);
  out << "\n## What is the same work, and what is not\n\n" << kNotes;
}

}  // namespace cow::bench

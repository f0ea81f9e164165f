#include "prove/findings.h"

#include <fmt/core.h>

namespace cow::prove {

void Tally::add(const Obligation& o, const char* kind) {
  Row& row = rows_[{o.rule, o.clause, o.step, kind}];
  ++row.obligations;
  row.open += o.answer != Answer::proved;
  row.milliseconds += o.milliseconds;
  ++total_;
  open_ += o.answer != Answer::proved;
}

void Tally::add(const Tally& other) {
  for (const auto& [key, row] : other.rows_) {
    Row& mine = rows_[key];
    mine.obligations += row.obligations;
    mine.open += row.open;
    mine.milliseconds += row.milliseconds;
  }
  total_ += other.total_;
  open_ += other.open_;
}

void Tally::print(std::FILE* out) const {
  fmt::print(out, "{:<5} {:<9} {:<26} {:<10} {:>11} {:>9}\n", "rule", "clause", "step", "proof",
             "obligations", "ms");
  for (const auto& [key, row] : rows_) {
    const auto& [rule, clause, step, kind] = key;
    fmt::print(out, "{:<5} {:<9} {:<26} {:<10} {:>11} {:>9.1f}{}\n", rule, clause, step, kind,
               row.obligations, row.milliseconds,
               row.open ? fmt::format("  NOT PROVED: {}", row.open) : "");
  }
}

void Findings::add(const Doubt& d) {
  ++doubts;
  settled += d.settled;
  notes += fmt::format("doubt: {} {} {} ({:.0f} ms)\n", d.settled ? "settled" : "OPEN", d.rule,
                       d.what, d.milliseconds);
  if (!d.settled) notes += indented(d.found);
}

void Findings::add(const Findings& other) {
  tally.add(other.tally);
  notes += other.notes;
  lacking += other.lacking;
  refuted += other.refuted;
  doubts += other.doubts;
  settled += other.settled;
}

std::string indented(const std::string& text) {
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && c != '\n') out += "    ";
    out += c;
    at_start = c == '\n';
  }
  return out;
}

}  // namespace cow::prove

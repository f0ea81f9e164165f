// The report of `cow props`.
#include "laws/props.h"

#include <algorithm>
#include <array>
#include <iomanip>
#include <ostream>
#include <sstream>

#include "laws/check_law.h"
#include "laws/find.h"
#include "laws/replay.h"
#include "laws/witness.h"
#include "trace/print.h"

namespace cow::laws {
namespace {

constexpr std::uint32_t kCases = 100, kFindCases = 100'000;

class Report {
 public:
  Report(const Options& options, std::ostream& out, std::ostream& err)
      : options_(options),
        out_(out),
        err_(err),
        make_(options.machines ? options.machines : specification_and_implementation) {}

  int run() {
    for (const std::string& name : options_.names)
      if (std::none_of(laws().begin(), laws().end(),
                       [&](const Law& law) { return answers_to(law, name); })) {
        err_ << "cow props: no law or clause is called " << name << "\n";
        return 2;
      }
    out_ << "seed " << options_.seed << "\n";
    if (!options_.out.empty()) {
      const std::optional<std::string> unusable = replay(options_.out);
      if (unusable) {
        err_ << *unusable << "\n";
        return 2;
      }
    }
    for (const Law& law : laws())
      if (chosen(law)) check(law);
    tell_distribution();
    out_ << (failures_ == 0 ? "all hold" : std::to_string(failures_) + " do not hold") << ": "
         << held_ << " laws, " << findings_ << " known findings, seed " << options_.seed << "\n";
    return failures_ == 0 ? 0 : 1;
  }

 private:
  [[nodiscard]] bool chosen(const Law& law) const {
    return options_.names.empty() ||
           std::any_of(options_.names.begin(), options_.names.end(),
                       [&](const std::string& name) { return answers_to(law, name); });
  }
  [[nodiscard]] bool chosen(std::size_t rule) const {
    return !options_.rule || *options_.rule == rule;
  }

  // The traces of earlier runs come first. What cannot be used, if anything.
  std::optional<std::string> replay(const std::filesystem::path& folder) {
    const auto read = read_corpus(folder);
    if (const auto* error = std::get_if<trace::Error>(&read)) return trace::format(*error);
    for (const trace::Trace& trace : std::get<std::vector<trace::Trace>>(read)) {
      const std::optional<Case> test = case_of(trace);
      if (!test) continue;
      for (std::size_t rule = 0; rule < kRules.size(); ++rule)
        if (chosen(rule) && trace.is_for(rule)) replay(trace.name, *test, rule);
    }
    return std::nullopt;
  }
  void replay(const std::string& name, const Case& test, std::size_t rule) {
    for (const Law& law : laws()) {
      if (!chosen(law) || (law.rules >> rule & 1u) == 0 || (law.findings >> rule & 1u) != 0)
        continue;
      if (cow::laws::run(law, kRules[rule], test, make_, nullptr).seen != Seen::broken) continue;
      ++failures_;
      out_ << "FAIL     " << law.name << " " << kRules[rule].name << ": still broken by " << name
           << "\n";
    }
  }

  void check(const Law& law) {
    std::uint64_t cases = 0, met = 0, meeting = 0;
    const int before = failures_;
    for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
      if (!chosen(rule) || (law.rules >> rule & 1u) == 0) continue;
      progress(law, rule);
      const Effort effort{options_.seed, options_.cases != 0 ? options_.cases : kCases,
                          options_.size};
      const Checked checked = check_law(law, rule, effort, make_);
      tally_[rule] += checked.tally;
      cases += checked.cases;
      met += checked.met;
      meeting += checked.meeting;
      judge(law, rule, checked);
    }
    progress_done();
    if (cases == 0) return;
    if (failures_ == before) ++held_;
    if (options_.quiet && failures_ == before) return;
    out_ << (failures_ == before ? "ok       " : "FAIL     ") << law.name << " [" << law.clauses
         << "]: " << cases << " traces, its case " << met << " times in " << 100 * meeting / cases
         << "% of them\n";
  }
  void judge(const Law& law, std::size_t rule, const Checked& checked) {
    const bool finding = (law.findings >> rule & 1u) != 0;
    if (checked.broken) return tell(law, rule, checked, finding);
    if (!finding && checked.met > 0) return;
    ++failures_;
    out_ << "FAIL     " << law.name << " " << kRules[rule].name << ": "
         << (finding ? "a known finding did not appear" : "never met its case") << " in "
         << checked.cases << " traces\n";
  }
  void tell(const Law& law, std::size_t rule, const Checked& checked, bool finding) {
    ++(finding ? findings_ : failures_);
    const trace::Trace trace = witness(witness_name(law.name, kRules[rule].name),
                                       std::string(law.text), law.clauses, checked.witness);
    if (!options_.quiet || !finding)
      out_ << (finding ? "finding  " : "FAIL     ") << law.name << " " << kRules[rule].name
           << ": broken in " << checked.witness.steps.size() << " steps"
           << (checked.said.empty() ? "" : " (" + checked.said + ")") << "\n"
           << indented(trace);
    if (!options_.out.empty() && !write_witness(options_.out, trace))
      err_ << "cow props: cannot write " << (options_.out / (trace.name + ".cow")).string() << "\n";
  }
  static std::string indented(const trace::Trace& trace) {
    std::istringstream text(trace::print(trace));
    std::string all;
    for (std::string line; std::getline(text, line);)
      all += line.empty() ? "\n" : "    " + line + "\n";
    return all;
  }

  void progress(const Law& law, std::size_t rule) {
    if (options_.progress) err_ << "\r\x1b[K" << law.name << " " << kRules[rule].name << std::flush;
  }
  void progress_done() {
    if (options_.progress) err_ << "\r\x1b[K" << std::flush;
  }

  void tell_distribution() {
    if (options_.quiet) return;
    constexpr std::array<std::pair<Outcome, const char*>, 13> kShown = {
        {{Outcome::hit, "hit"},
         {Outcome::zero, "zero"},
         {Outcome::fresh, "fresh"},
         {Outcome::filled, "filled"},
         {Outcome::copied, "copied"},
         {Outcome::reused, "reused"},
         {Outcome::enabled, "enabled"},
         {Outcome::ok, "ok"},
         {Outcome::segv, "segv"},
         {Outcome::sigbus, "sigbus"},
         {Outcome::oom, "oom"},
         {Outcome::nosuch, "nosuch"},
         {Outcome::inval, "inval"}}};
    out_ << "steps, in thousands, by outcome and event\n" << std::left << std::setw(8) << "rules";
    for (const auto& [outcome, word] : kShown) out_ << std::right << std::setw(8) << word;
    for (const char* word : {"forks", "deaths", "pins", "missed", "wrong", "unnec.", "all"})
      out_ << std::setw(8) << word;
    out_ << "\n" << std::fixed << std::setprecision(1);
    for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
      const Tally& t = tally_[rule];
      if (t.steps == 0) continue;
      out_ << std::left << std::setw(8) << kRules[rule].name << std::right;
      for (const auto& [outcome, word] : kShown) thousands(t.of(outcome));
      for (const std::uint64_t n :
           {t.forks, t.deaths, t.pins, t.verdicts[1], t.verdicts[2], t.verdicts[3], t.steps})
        thousands(n);
      out_ << "\n";
    }
  }
  void thousands(std::uint64_t n) { out_ << std::setw(8) << static_cast<double>(n) / 1000; }

  const Options& options_;
  std::ostream& out_;
  std::ostream& err_;
  MakeMachines make_;
  std::array<Tally, kRules.size()> tally_;
  int failures_ = 0, findings_ = 0, held_ = 0;
};

}  // namespace

int run_props(const Options& options, std::ostream& out, std::ostream& err) {
  return Report(options, out, err).run();
}

int find_trace(const std::string& verdict, const Options& options, std::ostream& out,
               std::ostream& err) {
  const std::vector<Law> wanted = laws_for(verdict);
  if (wanted.empty()) {
    err << "cow props: " << verdict
        << " is no verdict (missed, wrong, unnecessary) and no clause\n";
    return 2;
  }
  const Rules& rules = kRules[*options.rule];
  err << "seed " << options.seed << "\n";
  const std::uint32_t cases = options.cases != 0 ? options.cases : kFindCases;
  const auto found = find_witness(wanted, rules, options.seed, cases, options.size,
                                  options.machines ? options.machines : specification_alone);
  if (!found) {
    err << "none in " << cases << " traces\n";
    return 1;
  }
  const std::string name = witness_name(verdict, rules.name);
  const trace::Trace trace = witness(name, "", found->law.clauses, found->test);
  err << found->law.name << ": found after " << found->cases << " traces, " << found->steps
      << " steps, shrunk from " << found->from << " steps to " << found->test.steps.size()
      << (found->law.get_rw ? " (with a plain read-write get: a known finding of every rule set)"
                            : "")
      << "\n";
  out << trace::print(trace);
  if (!options.out.empty() && !write_witness(options.out, trace)) {
    err << "cow props: cannot write " << (options.out / (name + ".cow")).string() << "\n";
    return 2;
  }
  return 0;
}

}  // namespace cow::laws

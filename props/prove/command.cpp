#include "prove/command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <tuple>

#include "prove/doubt.h"
#include "prove/equal.h"
#include "prove/inductive.h"
#include "prove/shortest.h"
#include "prove/small_world.h"
#include "prove/smt2.h"
#include "trace/print.h"
#include "trace/trace.h"

namespace cow::prove {

namespace {

struct Row {
  int obligations = 0, open = 0;
  double milliseconds = 0;
};

class Table {
 public:
  explicit Table(std::FILE* out) : out_(out) {}

  void add(const Obligation& o, const char* kind) {
    Row& row = rows_[{o.rule, o.clause, o.step, kind}];
    ++row.obligations;
    row.open += o.answer != Answer::proved;
    row.milliseconds += o.milliseconds;
    ++total_;
    open_ += o.answer != Answer::proved;
  }
  void print() const {
    fmt::print(out_, "{:<5} {:<9} {:<26} {:<10} {:>11} {:>9}\n", "rule", "clause", "step", "proof",
               "obligations", "ms");
    for (const auto& [key, row] : rows_) {
      const auto& [rule, clause, step, kind] = key;
      fmt::print(out_, "{:<5} {:<9} {:<26} {:<10} {:>11} {:>9.1f}{}\n", rule, clause, step, kind,
                 row.obligations, row.milliseconds,
                 row.open ? fmt::format("  NOT PROVED: {}", row.open) : "");
    }
  }
  int total() const { return total_; }
  int open() const { return open_; }

 private:
  std::FILE* out_;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, Row> rows_;
  int total_ = 0, open_ = 0;
};

void progress(const std::string& what) {
  if (isatty(STDERR_FILENO)) fmt::print(stderr, "\r\033[K{}", what);
}

// A state from which the obligation fails, if a small one shows it.
std::string counterexample(const Rules& rules, const Obligation& o) {
  World w(rules);
  SmallWorld small;
  for (const Clause& c : clauses(w)) small.add(for_all_values(c));
  std::string text = "no state of the small world shows it\n";
  for_each_path_of(w, o.step, [&](const PathTaken& taken) {
    if (taken.number != o.path) return;
    for (const z3::expr& c : taken.path.conditions()) small.add(c);
    for_each_goal(taken, [&](const Clause& goal, int place) {
      if (place != o.place || goal.name != o.clause) return;
      small.push();
      small.add(!goal.body);
      if (small.check() == z3::sat) {
        const World before(rules);
        text = small.state(before);
      }
      small.pop();
    });
  });
  return text;
}

class Proof {
 public:
  Proof(const Options& options, std::FILE* out) : options_(options), out_(out), table_(out) {}

  int run() {
    if (options_.solver == "cvc5" && std::system("cvc5 --version >/dev/null 2>&1") != 0) {
      fmt::print(stderr, "cow prove: cvc5 is not installed (Debian: apt-get install cvc5)\n");
      return 77;
    }
    if (const auto unknown = first_unknown_clause()) {
      fmt::print(stderr, "cow prove: no obligation is about {}; `cow cite` lists the clauses\n",
                 *unknown);
      return 2;
    }
    const std::clock_t start = std::clock();
    for (const Rules& rules : kRules) {
      if (options_.rule && *options_.rule != rules.name) continue;
      one_rule_set(rules);
    }
    equal_decisions();
    if (options_.doubt) {
      progress("the equal decisions: doubt");
      doubt_equal([&](const Doubt& d) { note(d); });
    }
    progress("");
    table_.print();
    if (!notes_.empty()) fmt::print(out_, "\n{}", notes_);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    fmt::print(out_,
               "\n{} of {} obligations proved{}, unbounded, with {}; {} of {} properties that a "
               "rule set lacks refuted{}; {:.1f} s of processor time\n",
               table_.total() - table_.open(), table_.total(),
               options_.clauses.empty() ? "" : " (of the clauses asked for)", options_.solver,
               refuted_, lacking_,
               options_.doubt ? fmt::format("; {} of {} doubts settled", settled_, doubts_) : "",
               seconds);
    const bool all = table_.open() == 0 && refuted_ == lacking_ && settled_ == doubts_;
    return all ? 0 : 1;
  }

 private:
  bool asked_for(const std::string& clause) const {
    return options_.clauses.empty() || std::find(options_.clauses.begin(), options_.clauses.end(),
                                                 clause) != options_.clauses.end();
  }

  // A clause that was asked for and that nothing here proves.
  std::optional<std::string> first_unknown_clause() const {
    if (options_.clauses.empty()) return std::nullopt;
    std::set<std::string> known;
    for (const Rules& rules : kRules) {
      World world(rules);
      for_each_path(world, [&](const PathTaken& taken) {
        for (const Clause& c : taken.before) known.insert(c.name);
        for (const Clause& c : taken.step_goals) known.insert(c.name);
      });
    }
    prove_equal_any_rules([&](const Obligation& o) { known.insert(o.clause); });
    for (const Lacking& l : lacking()) known.insert(l.clause);
    for (const std::string& asked : options_.clauses)
      if (known.count(asked) == 0) return asked;
    return std::nullopt;
  }

  void one_rule_set(const Rules& rules) {
    progress(fmt::format("rule {}: invariants and refinement", rules.name));
    const auto tell = [&](const Obligation& o) {
      if (!asked_for(o.clause)) return;
      table_.add(o, "inductive");
      if (o.answer == Answer::proved || ++shown_ > 5) return;
      notes_ +=
          fmt::format("{} {} is not proved at {} (path {}); a state from which it fails:\n{}\n",
                      o.rule, o.clause, o.step, o.path, counterexample(rules, o));
    };
    if (options_.solver == "cvc5")
      with_cvc5([&](const auto& folder) { return write_smt2(rules, folder); }, tell);
    else prove_inductive(rules, {options_.clauses.begin(), options_.clauses.end()}, tell);
    if (options_.smt2 && options_.solver == "z3") write_smt2(rules, *options_.smt2);
    properties_lacking(rules);
    if (options_.doubt) every_doubt(rules);
  }

  // Of all rule sets there could be, at once; of one, if one was asked for.
  void equal_decisions() {
    progress("the implementation's decisions");
    const auto tell = [&](const Obligation& o) {
      if (asked_for(o.clause)) table_.add(o, "equal");
    };
    const auto asked = options_.rule ? find_rules(*options_.rule) : std::nullopt;
    const Rules* rules = asked ? &*asked : nullptr;
    if (options_.solver == "cvc5") {
      with_cvc5([&](const auto& folder) { return write_equal_smt2(rules, folder); }, tell);
      return;
    }
    if (options_.smt2) write_equal_smt2(rules, *options_.smt2);
    if (rules) prove_equal(*rules, tell);
    else prove_equal_any_rules(tell);
  }

  void with_cvc5(const auto& write, const std::function<void(const Obligation&)>& tell) {
    const bool keep = options_.smt2.has_value();
    const std::filesystem::path folder =
        keep ? std::filesystem::path(*options_.smt2)
             : std::filesystem::temp_directory_path() / fmt::format("cow-prove-{}", getpid());
    for (const Script& script : write(folder)) {
      progress(fmt::format("cvc5 on {}", script.file.filename().string()));
      decide_with_cvc5(script, tell);
    }
    if (!keep) std::filesystem::remove_all(folder);
  }

  // Each with a state from which it fails, and a shortest trace that the machines replay.
  void properties_lacking(const Rules& rules) {
    progress(fmt::format("rule {}: what it does not have", rules.name));
    const std::vector<Lacking>& all = lacking();
    auto next = std::find_if(all.begin(), all.end(),
                             [&](const Lacking& l) { return l.rule == rules.name; });
    refute_lacking(rules, [&](const Doubt& d) {
      const Lacking& l = *next;
      next =
          std::find_if(next + 1, all.end(), [&](const Lacking& x) { return x.rule == rules.name; });
      if (!asked_for(l.clause)) return;
      constexpr int kMostSteps = 8;
      const auto trace = shortest_trace(rules, l.clause, kMostSteps);
      ++lacking_;
      refuted_ += d.settled && trace;
      notes_ += fmt::format(
          "finding: rule {} does not have {}\n  a state from which step {} breaks "
          "it:\n{}",
          l.rule, l.clause, l.step, indented(d.found));
      if (!trace) {
        notes_ += fmt::format("  no trace of {} steps shows it\n", kMostSteps);
        return;
      }
      notes_ += fmt::format("  a shortest trace ({} steps):\n", trace->size());
      const std::string text = trace::print(trace::from_steps("shortest", "", Setup{}, *trace));
      notes_ += indented(text.substr(text.find("P0")));
    });
  }

  void every_doubt(const Rules& rules) {
    progress(fmt::format("rule {}: doubt", rules.name));
    doubt(rules, [&](const Doubt& d) { note(d); });
  }
  void note(const Doubt& d) {
    ++doubts_;
    settled_ += d.settled;
    notes_ += fmt::format("doubt: {} {} {} ({:.0f} ms)\n", d.settled ? "settled" : "OPEN", d.rule,
                          d.what, d.milliseconds);
    if (!d.settled) notes_ += indented(d.found);
  }

  static std::string indented(const std::string& text) {
    std::string out;
    bool at_start = true;
    for (const char c : text) {
      if (at_start && c != '\n') out += "    ";
      out += c;
      at_start = c == '\n';
    }
    return out;
  }

  const Options& options_;
  std::FILE* out_;
  Table table_;
  std::string notes_;
  int shown_ = 0, lacking_ = 0, refuted_ = 0, doubts_ = 0, settled_ = 0;
};

}  // namespace

int run(const Options& options, std::FILE* out) { return Proof(options, out).run(); }

}  // namespace cow::prove

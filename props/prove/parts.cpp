#include "prove/parts.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "prove/equal.h"
#include "prove/shortest.h"
#include "prove/small_world.h"
#include "prove/smt2.h"
#include "trace/print.h"
#include "trace/trace.h"

namespace cow::prove {

namespace {

constexpr int kMostShown = 5;  // counterexamples of a rule set
constexpr int kMostSteps = 8;  // of a shortest trace

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

void ask_cvc5(const std::vector<Script>& scripts,
              const std::function<void(const Obligation&)>& tell) {
  for (const Script& script : scripts) {
    progress(fmt::format("cvc5 on {}", script.file.filename().string()));
    decide_with_cvc5(script, tell);
  }
}

Findings invariants_and_refinement(const Asked& asked, const Rules& rules) {
  progress(fmt::format("rule {}: invariants and refinement", rules.name));
  Findings found;
  int shown = 0;
  const auto tell = [&](const Obligation& o) {
    if (!asked.about(o.clause)) return;
    found.tally.add(o, "inductive");
    if (o.answer == Answer::proved || ++shown > kMostShown) return;
    found.notes +=
        fmt::format("{} {} is not proved at {} (path {}); a state from which it fails:\n{}\n",
                    o.rule, o.clause, o.step, o.path, counterexample(rules, o));
  };
  const Options& options = asked.options;
  if (options.solver == "cvc5") {
    ask_cvc5(write_smt2(rules, asked.folder), tell);
    return found;
  }
  prove_inductive(rules, {options.clauses.begin(), options.clauses.end()}, tell);
  if (options.smt2) write_smt2(rules, asked.folder);
  return found;
}

// Each with a state from which it fails, and a shortest trace that the machines replay.
Findings properties_lacking(const Asked& asked, const Rules& rules) {
  progress(fmt::format("rule {}: what it does not have", rules.name));
  Findings found;
  const std::vector<Lacking>& all = lacking();
  auto next =
      std::find_if(all.begin(), all.end(), [&](const Lacking& l) { return l.rule == rules.name; });
  refute_lacking(rules, [&](const Doubt& d) {
    const Lacking& l = *next;
    next =
        std::find_if(next + 1, all.end(), [&](const Lacking& x) { return x.rule == rules.name; });
    if (!asked.about(l.clause)) return;
    const auto trace = shortest_trace(rules, l.clause, l.step, kMostSteps);
    ++found.lacking;
    found.refuted += d.settled && trace;
    found.notes += fmt::format(
        "finding: rule {} does not have {}\n  a state from which step {} breaks it:\n{}", l.rule,
        l.clause, l.step, indented(d.found));
    if (!trace) {
      found.notes += fmt::format("  no trace of {} steps shows it\n", kMostSteps);
      return;
    }
    found.notes += fmt::format("  a shortest trace ({} steps):\n", trace->size());
    const std::string text = trace::print(trace::from_steps("shortest", "", Setup{}, *trace));
    found.notes += indented(text.substr(text.find("P0")));
  });
  return found;
}

}  // namespace

void progress(const std::string& what) {
  if (isatty(STDERR_FILENO)) fmt::print(stderr, "\r\033[K{}", what);
}

bool Asked::about(const std::string& clause) const {
  return options.clauses.empty() ||
         std::find(options.clauses.begin(), options.clauses.end(), clause) != options.clauses.end();
}

Findings prove_rule_set(const Asked& asked, const Rules& rules) {
  Findings found = invariants_and_refinement(asked, rules);
  found.add(properties_lacking(asked, rules));
  if (!asked.options.doubt) return found;
  progress(fmt::format("rule {}: doubt", rules.name));
  doubt(rules, [&](const Doubt& d) { found.add(d); });
  return found;
}

Findings prove_equal_decisions(const Asked& asked) {
  progress("the implementation's decisions");
  Findings found;
  const auto tell = [&](const Obligation& o) {
    if (asked.about(o.clause)) found.tally.add(o, "equal");
  };
  const Options& options = asked.options;
  const auto one = options.rule ? find_rules(*options.rule) : std::nullopt;
  const Rules* rules = one ? &*one : nullptr;
  if (options.solver == "cvc5") {
    ask_cvc5(write_equal_smt2(rules, asked.folder), tell);
  } else {
    if (options.smt2) write_equal_smt2(rules, asked.folder);
    if (rules) prove_equal(*rules, tell);
    else prove_equal_any_rules(tell);
  }
  if (!options.doubt) return found;
  progress("the equal decisions: doubt");
  doubt_equal([&](const Doubt& d) { found.add(d); });
  return found;
}

}  // namespace cow::prove

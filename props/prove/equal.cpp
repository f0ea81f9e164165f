#include "prove/equal.h"

#include <fmt/core.h>

#include "prove/clock.h"
#include "prove/decision_table.h"

namespace cow::prove {

namespace {

RuleWords known(const Rules& rules) {
  return impl::each_rule<Truth>(rules, [](bool answer) { return Truth(answer); });
}

RuleWords any() {
  const auto rule = [](const char* name) { return Truth::constant(name); };
  return {rule("reuse_needs_mapcount_1"),
          rule("reuse_needs_refcount_1"),
          rule("tracks_exclusive"),
          rule("unshares_before_ro_pin"),
          rule("unshares_any_long_pin"),
          rule("fork_copies_pinned"),
          rule("fork_copies_pinned_file"),
          rule("mprotect_restores_write"),
          rule("force_accepts_exclusive"),
          rule("merges_touched_into_empty"),
          rule("swapin_ignores_references"),
          rule("reuse_frees_swap_cache"),
          rule("swapin_restores_write"),
          rule("reclaim_spares_pinned"),
          rule("reuses_ksm"),
          rule("unmerge_unshares"),
          rule("uffd_restores_write"),
          rule("migration_keeps_marks"),
          rule("huge_reuse_asks_mapcount"),
          rule("huge_copies_whole"),
          rule("huge_zero_copies_whole"),
          rule("reuses_large_folio"),
          rule("lazyfree_asks_references"),
          rule("collapses"),
          rule("discards_hugetlb")};
}

// One path of the specification's text: on what inputs it is taken, and what it comes to.
struct Way {
  z3::expr taken, expected;
};

std::vector<Way> ways(const Decision& d, const Words& words, const RuleWords& rules) {
  std::vector<Way> all;
  std::vector<bool> script;
  do {
    Path path(script);
    Facts facts(words, rules);
    current_path = &path;
    struct Leave {
      ~Leave() { current_path = nullptr; }
    } leave;
    const Truth expected = d.expected(facts);
    z3::expr_vector taken(context());
    for (const z3::expr& a : facts.assumptions()) taken.push_back(a);
    for (const z3::expr& c : path.conditions()) taken.push_back(c);
    all.push_back({z3::mk_and(taken), expected.e});
    script = path.next_script();
  } while (!script.empty());
  return all;
}

// An input on which the two differ.
z3::expr differ(const std::vector<Way>& all, const Truth& decided) {
  z3::expr_vector some(context());
  for (const Way& way : all) some.push_back(way.taken && way.expected != decided.e);
  return z3::mk_or(some);
}

z3::solver words_solver() {
  z3::solver solver(context(), "QF_BV");
  z3::params p(context());
  p.set("rlimit", 500000000u);  // in Z3's own steps, not in seconds
  solver.set(p);
  return solver;
}

Totals prove(const Rules* rules, const std::function<void(const Obligation&)>& tell) {
  Totals totals;
  for_each_question(rules, [&](const Question& q) {
    const Clock clock;
    z3::solver solver = words_solver();
    solver.add(q.differ);
    const z3::check_result r = solver.check();
    Obligation o = q.obligation;
    o.milliseconds = clock.milliseconds();
    if (r == z3::unsat) o.answer = Answer::proved;
    if (r == z3::sat) o.answer = Answer::refuted;
    totals.paths += q.paths;
    ++totals.obligations;
    totals.failed += o.answer != Answer::proved;
    tell(o);
  });
  return totals;
}

// The words and rules of a model, as far as it says anything about them.
std::string input(const z3::model& model) {
  std::string text;
  for (unsigned i = 0; i < model.num_consts(); ++i) {
    const z3::func_decl c = model.get_const_decl(i);
    const std::string name = c.name().str();
    if (name.find('!') != std::string::npos) continue;  // a fact without a word of its own
    const z3::expr value = model.get_const_interp(c);
    if (!value.is_bool()) text += fmt::format("{} = {:#x}\n", name, value.get_numeral_uint64());
    else if (value.is_true()) text += name + "\n";
  }
  return text;
}

void settle(Doubt d, const z3::expr& wanted, const std::function<void(const Doubt&)>& tell) {
  const Clock clock;
  z3::solver solver = words_solver();
  solver.add(wanted);
  d.settled = solver.check() == z3::sat;
  d.found = d.settled ? input(solver.get_model()) : "no input does";
  d.milliseconds = clock.milliseconds();
  tell(d);
}

}  // namespace

void for_each_question(const Rules* rules, const std::function<void(const Question&)>& ask) {
  const Words words;
  const RuleWords rule_words = rules ? known(*rules) : any();
  for (const Decision& d : all_decisions()) {
    const std::vector<Way> all = ways(d, words, rule_words);
    const Obligation o{
        rules ? std::string(rules->name) : "any", d.clause, d.name, 0, -1, Answer::unknown, 0};
    ask({o, differ(all, d.decided(words, rule_words)), static_cast<int>(all.size())});
  }
}

Totals prove_equal(const Rules& rules, const std::function<void(const Obligation&)>& tell) {
  return prove(&rules, tell);
}

Totals prove_equal_any_rules(const std::function<void(const Obligation&)>& tell) {
  return prove(nullptr, tell);
}

void doubt_equal(const std::function<void(const Doubt&)>& tell) {
  const Words words;
  const RuleWords rules = any();
  for (const Decision& d : all_decisions()) {
    const std::vector<Way> all = ways(d, words, rules);
    z3::expr_vector asked(context());
    for (const Way& way : all) asked.push_back(way.taken);
    const z3::expr is_asked = z3::mk_or(asked);
    const Truth decided = d.decided(words, rules);
    const auto doubt = [&](const std::string& what) {
      return Doubt{"any", fmt::format("{}: {}", d.name, what), false, "", 0};
    };
    settle(doubt("may say yes"), is_asked && decided.e, tell);
    if (!decided.e.is_true()) settle(doubt("may say no"), is_asked && !decided.e, tell);
    for (const Wrong& wrong : d.wrong)
      settle(doubt(fmt::format("wrong variant refuted: {}", wrong.what)),
             differ(all, wrong.decided(words, rules)), tell);
  }
}

}  // namespace cow::prove

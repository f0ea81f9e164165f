#include "prove/inductive.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "prove/known.h"

namespace cow::prove {

namespace {

// The functions that a formula applies. Before a step those of the tables' columns stand bare in
// it, so a clause without a column that the step writes is the same formula after it.
std::set<std::string> functions_in(const z3::expr& formula) {
  std::set<std::string> names;
  std::set<unsigned> seen;
  std::vector<z3::expr> open{formula};
  while (!open.empty()) {
    const z3::expr e = open.back();
    open.pop_back();
    if (!seen.insert(e.id()).second) continue;
    if (e.is_quantifier()) open.push_back(e.body());
    if (!e.is_app()) continue;
    if (e.decl().decl_kind() == Z3_OP_UNINTERPRETED) names.insert(e.decl().name().str());
    for (unsigned a = 0; a < e.num_args(); ++a) open.push_back(e.arg(a));
  }
  return names;
}

bool meet(const std::set<std::string>& read, const std::set<std::string>& written) {
  return std::any_of(written.begin(), written.end(),
                     [&](const std::string& column) { return read.count(column) > 0; });
}

// What the goal is after the path, whose conditions the first question adds. A path that no state
// takes is `dead`, and proves all of its obligations at once; --doubt says how many those are.
z3::check_result ask(z3::solver& solver, const Path& path, std::optional<bool>& dead,
                     const z3::expr& goal) {
  if (!dead) {
    solver.push();
    for (const z3::expr& c : path.conditions()) solver.add(c);
    dead = solver.check() == z3::unsat;
  }
  if (*dead) return z3::unsat;
  solver.push();
  solver.add(!goal);
  const z3::check_result r = solver.check();
  solver.pop();
  return r;
}

}  // namespace

z3::solver quantified_solver() {
  z3::solver solver(context(), "UFLIA");
  z3::params p(context());
  p.set("mbqi", false);
  p.set("auto_config", false);
  p.set("rlimit", 50000000u);  // Z3's own steps: a clock would cost a thread for each question
  solver.set(p);
  return solver;
}

void for_each_path(World& world, const std::function<void(const PathTaken&)>& take) {
  for_each_path_of(world, "", take);
}

void for_each_path_of(World& world, const std::string& step,
                      const std::function<void(const PathTaken&)>& take) {
  world.reset();
  const std::vector<Clause> before = clauses(world);
  std::vector<std::set<std::string>> read;
  read.reserve(before.size());
  for (const Clause& c : before) read.push_back(functions_in(c.body));
  std::vector<Event> all = events(world.m.rules);
  for (const Event& event : left_out(world.m.rules))
    if (event.name == step) all.push_back(event);
  for (const Event& event : all) {
    if (!step.empty() && event.name != step) continue;
    std::vector<bool> script;
    int number = 0;
    do {
      Path path(script);
      world.reset();
      current_path = &path;
      event.run(world);
      current_path = nullptr;
      PathTaken taken{event.name, number++, path, before, {}, {}, world.step_goals};
      for (const auto& names : read) taken.wanted.push_back(meet(names, path.written));
      taken.after = clauses(world, &taken.wanted);
      take(taken);
      script = path.next_script();
    } while (!script.empty());
  }
  world.reset();
}

void for_each_goal(const PathTaken& taken,
                   const std::function<void(const Clause&, int place)>& take) {
  std::size_t next = 0;
  for (std::size_t place = 0; place < taken.wanted.size(); ++place)
    if (taken.wanted[place]) take(taken.after[next++], static_cast<int>(place));
  for (const Clause& goal : taken.step_goals) take(goal, -1);
}

Totals prove_inductive(const Rules& rules, const std::set<std::string>& only_clauses,
                       const std::function<void(const Obligation&)>& tell) {
  Totals totals;
  World world(rules);
  z3::solver solver = quantified_solver();
  static thread_local Known known;  // made after its context, which has to outlive it
  Known::Set assumed;
  for (const Clause& c : clauses(world)) {
    assumed.add(for_all_values(c));
    solver.add(for_all_values(c));
  }
  for_each_path(world, [&](const PathTaken& taken) {
    ++totals.paths;
    Known::Set conditions;
    for (const z3::expr& c : taken.path.conditions()) conditions.add(c);
    std::optional<bool> dead;
    for_each_goal(taken, [&](const Clause& goal, int place) {
      if (!only_clauses.empty() && only_clauses.count(goal.name) == 0) return;
      const auto start = std::chrono::steady_clock::now();
      z3::check_result r = z3::unsat;
      if (!known.has(assumed, conditions, goal.body)) {
        r = ask(solver, taken.path, dead, goal.body);
        if (r == z3::unsat) known.add(assumed, conditions, goal.body);
      }
      const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - start;
      Obligation o{std::string(rules.name), goal.name, taken.step, taken.number, place,
                   Answer::unknown,         ms.count()};
      if (r == z3::unsat) o.answer = Answer::proved;
      if (r == z3::sat) o.answer = Answer::refuted;
      ++totals.obligations;
      totals.failed += o.answer != Answer::proved;
      tell(o);
    });
    if (dead) solver.pop();
  });
  return totals;
}

}  // namespace cow::prove

#include "prove/inductive.h"

#include <algorithm>
#include <chrono>

namespace cow::prove {

namespace {

bool touches(const Clause& clause, const Path& path) {
  return std::any_of(clause.reads.begin(), clause.reads.end(),
                     [&](const std::string& c) { return path.written.count(c) > 0; });
}

z3::solver quantified_solver() {
  z3::solver solver(context(), "UFLIA");
  z3::params p(context());
  p.set("mbqi", false);
  p.set("auto_config", false);
  p.set("timeout", 2000u);
  solver.set(p);
  return solver;
}

}  // namespace

Totals prove_inductive(const Rules& rules, const std::function<void(const Obligation&)>& tell) {
  Totals totals;
  World world(rules);
  const std::vector<Clause> before = clauses(world);
  z3::solver solver = quantified_solver();
  for (const Clause& c : before) solver.add(for_all_values(c));
  for (const Event& event : events(rules)) {
    std::vector<bool> script;
    int number = 0;
    do {
      Path path(script);
      world.reset();
      current_path = &path;
      event.run(world);
      current_path = nullptr;
      ++totals.paths;
      solver.push();
      for (const z3::expr& c : path.conditions()) solver.add(c);
      std::vector<bool> wanted;
      for (const Clause& c : before) wanted.push_back(touches(c, path));
      const std::vector<Clause> after = clauses(world, &wanted);
      std::size_t next = 0;
      for (std::size_t place = 0; place < wanted.size(); ++place) {
        if (!wanted[place]) continue;
        const Clause& goal = after[next++];
        const auto start = std::chrono::steady_clock::now();
        solver.push();
        solver.add(!goal.body);
        const z3::check_result r = solver.check();
        solver.pop();
        const std::chrono::duration<double, std::milli> ms =
            std::chrono::steady_clock::now() - start;
        Obligation o{std::string(rules.name), goal.name, event.name, number,
                     static_cast<int>(place), Answer::unknown, ms.count()};
        if (r == z3::unsat) o.answer = Answer::proved;
        if (r == z3::sat) o.answer = Answer::refuted;
        ++totals.obligations;
        totals.failed += o.answer != Answer::proved;
        tell(o);
      }
      solver.pop();
      script = path.next_script();
      ++number;
    } while (!script.empty());
  }
  world.reset();
  return totals;
}

}  // namespace cow::prove

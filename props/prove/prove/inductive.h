// The unbounded proof: every clause, assumed before a step, holds after it, on every path of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cow/rules.h"
#include "prove/clauses.h"
#include "prove/events.h"

namespace cow::prove {

enum class Answer { proved, refuted, unknown };

struct Obligation {
  std::string rule, clause, step;
  int path = 0;
  int place = 0;  // of the clause in the list of its rule set
  Answer answer = Answer::unknown;
  double milliseconds = 0;
};

// One path through one step: what was assumed on it, and the clauses it could break, before and
// after.
struct PathTaken {
  std::string step;
  int number;
  const Path& path;
  const std::vector<Clause>& before;
  std::vector<bool> wanted;        // places of the list whose columns the path has written
  std::vector<Clause> after;       // those clauses in the state after the path
  std::vector<Clause> step_goals;  // clauses about the step itself
};
// Takes every path of every step; the world is in the state after the path while `take` runs.
void for_each_path(World& world, const std::function<void(const PathTaken&)>& take);
void for_each_path_of(World& world, const std::string& step,
                      const std::function<void(const PathTaken&)>& take);

// What must hold after the path, each with its place in the list of clauses; -1: about the step.
void for_each_goal(const PathTaken& taken,
                   const std::function<void(const Clause&, int place)>& take);

// A solver for obligations with quantifiers: it proves, or says unknown at once.
z3::solver quantified_solver();

// Proves one rule set, the named clauses only where any are named; tells each obligation as it is
// decided.
struct Totals {
  int paths = 0, obligations = 0, failed = 0;
};
Totals prove_inductive(const Rules& rules, const std::set<std::string>& only_clauses,
                       const std::function<void(const Obligation&)>& tell);

}  // namespace cow::prove

// The proof's own doubt. A proof that fast could be empty: a contradiction among its assumptions, a
// step that can never happen, a clause that says nothing. Each is asked for, and must be denied.
#pragma once

#include <functional>
#include <string>

#include "prove/inductive.h"

namespace cow::prove {

struct Doubt {
  std::string rule, what;  // what was doubted
  bool settled = false;
  std::string found;  // the state found, or what is wrong
  double milliseconds = 0;
};

// Initial states satisfy the clauses; two processes share a page in some state; every path of every
// step is taken from some small state, or proved dead; each mutant is refuted at a step.
void doubt(const Rules& rules, const std::function<void(const Doubt&)>& tell);

// Properties that a rule set does not have: each is added to the clauses, and must fail at a step.
struct Lacking {
  const char* rule;
  const char* clause;
  const char* step;   // at which it fails
  const char* trace;  // of the corpus: a shortest trace that the machines replay
};
const std::vector<Lacking>& lacking();
void refute_lacking(const Rules& rules, const std::function<void(const Doubt&)>& tell);

}  // namespace cow::prove

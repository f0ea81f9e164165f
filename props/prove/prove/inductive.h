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
  int place = 0;   // of the clause in the list of its rule set
  Answer answer = Answer::unknown;
  double milliseconds = 0;
};

// Proves one rule set; tells each obligation as it is decided.
struct Totals {
  int paths = 0, obligations = 0, failed = 0;
};
Totals prove_inductive(const Rules& rules, const std::function<void(const Obligation&)>& tell);

}  // namespace cow::prove

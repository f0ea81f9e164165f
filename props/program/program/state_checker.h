// Where the check of states plugs in.
#pragma once

#include <string>
#include <vector>

#include "runner/run.h"
#include "trace/cowstate.h"

namespace cow::program {

struct StateReport {
  std::vector<runner::Violation> violations;  // clauses that do not hold, with witnesses
  std::vector<std::string> unknown;           // clauses that need what is not said
};
using StateChecker = StateReport (*)(const trace::State&);

// Null where this build has none.
StateChecker state_checker();

}  // namespace cow::program

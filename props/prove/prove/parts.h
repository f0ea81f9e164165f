// The parts of the proof. None needs another, so they run side by side: each thread has solvers of
// its own, and a part stays on one thread.
#pragma once

#include <filesystem>

#include "cow/rules.h"
#include "prove/command.h"
#include "prove/findings.h"

namespace cow::prove {

struct Asked {
  const Options& options;
  std::filesystem::path folder;  // for SMT-LIB, where it is wanted or cvc5 reads it

  [[nodiscard]] bool about(const std::string& clause) const;
};

// One rule set: the invariants and the refinement, what it does not have, and the doubt if asked.
Findings prove_rule_set(const Asked& asked, const Rules& rules);
// The implementation's decisions: of all rule sets there could be at once; of one, if one was asked
// for.
Findings prove_equal_decisions(const Asked& asked);

// Says on a terminal what is under way.
void progress(const std::string& what);

}  // namespace cow::prove

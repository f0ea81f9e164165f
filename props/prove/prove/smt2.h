// The obligations as SMT-LIB 2 text, for any other solver: one file a rule set and step, one
// (check-sat) an obligation, `unsat` wanted everywhere.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "prove/inductive.h"

namespace cow::prove {

struct Script {
  std::filesystem::path file;
  std::vector<Obligation> obligations;  // in the order of the file's (check-sat)s, undecided
};

// Writes the files of one rule set into the folder. Throws std::runtime_error where it cannot.
std::vector<Script> write_smt2(const Rules& rules, const std::filesystem::path& folder);

// Writes the file of the equal decisions: of one rule set, or, with none, of any rules at once.
std::vector<Script> write_equal_smt2(const Rules* rules, const std::filesystem::path& folder);

// Asks cvc5 for each obligation of the file. False: cvc5 could not be run.
bool decide_with_cvc5(const Script& script, const std::function<void(const Obligation&)>& tell);

}  // namespace cow::prove

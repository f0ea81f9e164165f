// cow prove: the proof as a command.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace cow::prove {

struct Options {
  std::vector<std::string> clauses;  // none: every clause
  std::optional<std::string> rule;   // a name of kRules; none: all of them
  bool doubt = false;
  std::optional<std::string> smt2;  // a folder for the obligations
  std::string solver = "z3";        // or cvc5
};

// Prints the table and what was found; progress goes to standard error if that is a terminal.
// The contract's exit status: 0 all as expected, 1 an obligation that is not proved, 2 options that
// cannot be used, 77 where the other solver is not installed.
int run(const Options& options, std::FILE* out);

}  // namespace cow::prove

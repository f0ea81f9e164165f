#include "prove/command_line.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "cow/rules.h"
#include "program/command.h"
#include "prove/command.h"
#include "trace/rule_name.h"

namespace cow::prove {

int command_prove(std::vector<std::string> arguments) {
  Options options;
  std::string rule, smt2;
  CLI::App app{
      "Proves the invariants inductive, that the specification refines the ideal machine, and that "
      "the implementation decides as the specification does.",
      "cow prove"};
  app.add_option("CLAUSE", options.clauses, "clauses; none: all of them");
  app.add_option("--rule", rule, "one rule set, or a kernel version");
  app.add_flag("--doubt", options.doubt,
               "also ask whether the proof is empty: initial states, enabled steps, mutants");
  app.add_option("--smt2", smt2, "a folder to write the obligations to, as SMT-LIB 2");
  app.add_option("--solver", options.solver, "z3 or cvc5")->check(CLI::IsMember({"z3", "cvc5"}));
  if (const auto done = program::parse(app, std::move(arguments))) return *done;
  if (!rule.empty()) {
    const auto place = trace::rule_for_kernel(rule);
    if (!place) {
      std::cerr << "cow prove: no rule set stands for " << rule << "\n";
      return program::kUnusable;
    }
    options.rule = std::string(kRules[*place].name);
    if (rule != *options.rule)
      std::cerr << "cow prove: rule set " << *options.rule << " stands for " << rule << "\n";
  }
  if (!smt2.empty()) options.smt2 = smt2;
  try {
    return run(options, stdout);
  } catch (const std::exception& e) {
    std::cerr << "cow prove: " << e.what() << "\n";
    return program::kSomethingElse;
  }
}

}  // namespace cow::prove

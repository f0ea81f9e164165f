#include "laws/command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "laws/props.h"
#include "trace/rule_name.h"

namespace cow::laws {
namespace {

constexpr int kAsExpected = 0, kUnusable = 2;

struct Said {
  Options options;
  std::string find, rule, out;
};

int run(Said& said) {
  if (!said.rule.empty()) {
    said.options.rule = trace::rule_for_kernel(said.rule);
    if (!said.options.rule) {
      std::cerr << "cow props: no rule set stands for " << said.rule << "\n";
      return kUnusable;
    }
  }
  said.options.out = said.out;
  said.options.progress = isatty(STDERR_FILENO) != 0;
  if (said.find.empty()) return run_props(said.options, std::cout, std::cerr);
  if (!said.options.names.empty() || !said.options.rule) {
    std::cerr << "cow props: --find takes a rule set (--rule) and no names\n";
    return kUnusable;
  }
  return find_trace(said.find, said.options, std::cout, std::cerr);
}

}  // namespace

int command_props(std::vector<std::string> arguments) {
  Said said;
  CLI::App app{"Runs the properties, or looks from nothing for a trace with a verdict.",
               "cow props"};
  app.add_option("NAME", said.options.names, "laws or clauses; none: all of them");
  app.add_option("--seed", said.options.seed, "what repeats a run (default 1)");
  app.add_option("--cases", said.options.cases, "traces for each law and rule set")
      ->check(CLI::Range(1u, 1'000'000'000u));
  app.add_option("--size", said.options.size, "steps of a trace, at most (default 50)")
      ->check(CLI::Range(1u, 100'000u));
  app.add_option("--rule", said.rule, "one rule set, or a kernel version");
  app.add_option("--out", said.out, "a folder for witnesses; those in it are tried first");
  app.add_option("--find", said.find,
                 "missed, wrong, unnecessary or a clause: look for a trace that shows it");
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e), kAsExpected;
    std::cerr << "cow props: " << e.what() << "\nTry `cow props --help`.\n";
    return kUnusable;
  }
  return run(said);
}

}  // namespace cow::laws

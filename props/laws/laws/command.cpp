#include "laws/command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "laws/props.h"
#include "trace/rule_name.h"

namespace cow::laws {
namespace {

struct Said {
  Options options;
  std::string find, rule, out;
};

int run(Said& said) {
  if (!said.rule.empty()) {
    said.options.rule = trace::rule_for_kernel(said.rule);
    if (!said.options.rule) {
      std::cerr << "cow props: no rule set stands for " << said.rule << "\n";
      return 2;
    }
  }
  said.options.out = said.out;
  said.options.progress = isatty(STDERR_FILENO) != 0;
  if (said.find.empty()) return run_props(said.options, std::cout, std::cerr);
  if (!said.options.names.empty() || !said.options.rule) {
    std::cerr << "cow props: --find takes a rule set (--rule) and no names\n";
    return 2;
  }
  return find_trace(said.find, said.options, std::cout, std::cerr);
}

}  // namespace

std::function<int()> add_props_command(CLI::App& app) {
  const auto said = std::make_shared<Said>();
  CLI::App* props = app.add_subcommand(
      "props", "run the properties, or look from nothing for a trace with a verdict");
  props->add_option("NAME", said->options.names, "laws or clauses; none: all of them");
  props->add_option("--seed", said->options.seed, "what repeats a run (default 1)");
  props->add_option("--cases", said->options.cases, "traces for each law and rule set")
      ->check(CLI::PositiveNumber);
  props->add_option("--size", said->options.size, "steps of a trace, at most (default 50)")
      ->check(CLI::Range(1u, 100'000u));
  props->add_option("--rule", said->rule, "one rule set, or a kernel version");
  props->add_option("--out", said->out, "a folder for witnesses; those in it are tried first");
  props->add_option("--find", said->find,
                    "missed, wrong, unnecessary or a clause: look for a trace that shows it");
  return [said] { return run(*said); };
}

}  // namespace cow::laws

// `cow props`: runs the laws, and looks for traces from nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "laws/machines.h"

namespace cow::laws {

struct Options {
  std::vector<std::string> names;  // laws or clauses; none: every law
  std::uint64_t seed = 1;
  std::uint32_t cases = 0;          // for each law and rule set; 0: 100, or for find 100,000
  std::uint32_t size = 50;          // steps of a trace, at most
  std::optional<std::size_t> rule;  // index in kRules; none: every rule set
  std::filesystem::path out;        // a folder for witnesses; none: they are printed only
  bool progress = false;            // one line that is written over, on `err`
  bool quiet = false;               // failures only
  MakeMachines machines;            // none: the specification and the implementation
};

// Exit status: 0 all as expected, 1 a law is broken, never met its case, or a known finding no
// longer appears, 2 a name that no law has, or a trace in `out` that cannot be used.
int run_props(const Options& options, std::ostream& out, std::ostream& err);

// What is looked for: missed, wrong, unnecessary, or a clause id.
// Exit status: 0 found, 1 none in the cases given, 2 no such verdict. REQUIRES: options.rule.
int find_trace(const std::string& verdict, const Options& options, std::ostream& out,
               std::ostream& err);

}  // namespace cow::laws

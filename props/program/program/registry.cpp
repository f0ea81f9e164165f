// All commands of the program, and what plugs into them. A room that brings a command adds its line
// here, and its library to CMakeLists.txt.
#include <utility>

#include "emit/command.h"
#include "laws/command.h"
#include "program/builtin.h"
#include "program/command.h"
#include "program/state_checker.h"
#include "prove/command_line.h"
#include "snapshot/command.h"
#include "state/check.h"

namespace cow::program {
namespace {

StateReport check_with_z3(const trace::State& state) {
  StateReport report;
  for (state::Finding& f : state::check(state)) {
    if (f.status == state::Status::violated)
      report.violations.push_back({std::move(f.clause), f.line, std::move(f.witness)});
    else if (f.status == state::Status::unknown) report.unknown.push_back(std::move(f.clause));
  }
  return report;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"check", "run traces on all machines and judge them; check states", command_check},
      {"run", "print what changes at each step of a trace", command_run},
      {"props", "run the laws; look from nothing for a trace with a verdict", laws::command_props},
      {"prove", "prove the invariants and the refinement, unbounded", prove::command_prove},
      {"kernel", "replay traces on the running kernel, and compare", command_kernel},
      {"emit", "write a trace as one C program", emit::command_emit},
      {"snapshot", "write living processes' state as a .cowstate", snapshot::command_snapshot},
      {"cite", "a clause's text, sources, and where it is upheld", command_cite},
      {"version", "print the version", command_version},
      {"help", "print this, or a command's help", command_help},
  };
  return all;
}

StateChecker state_checker() { return check_with_z3; }

}  // namespace cow::program

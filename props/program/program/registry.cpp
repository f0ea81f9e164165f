// All commands of the program, and what plugs into them. A room that brings a command adds its line
// here, and its library to CMakeLists.txt.
#include "program/builtin.h"
#include "program/command.h"
#include "program/state_checker.h"
#include "prove/command_line.h"

namespace cow::program {

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"check", "run traces on all machines and judge them; check states", command_check},
      {"run", "print what changes at each step of a trace", command_run},
      {"prove", "prove the invariants and the refinement, unbounded", prove::command_prove},
      {"cite", "a clause's text, sources, and where it is upheld", command_cite},
      {"version", "print the version", command_version},
      {"help", "print this, or a command's help", command_help},
  };
  return all;
}

StateChecker state_checker() { return nullptr; }

}  // namespace cow::program

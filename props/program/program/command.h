// What a command of the program is.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace cow::program {

// Of every command. An input that cannot be used beats one that does not hold, which beats a
// machine that cannot tell.
enum ExitStatus : int { kAsExpected = 0, kSomethingElse = 1, kUnusable = 2, kCannot = 77 };

struct Command {
  const char* name;
  const char* summary;
  // Takes what follows the command's name; gives the exit status.
  int (*run)(std::vector<std::string> arguments);
};

// All commands of this build.
const std::vector<Command>& commands();

// Parses the arguments of a command. An exit status where there is nothing left to do: help was
// asked for and printed, or something is wrong and was said on standard error.
inline std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e), kAsExpected;
    const std::string& name = app.get_name();
    std::cerr << name << ": " << e.what() << "\nTry `" << name << " --help`.\n";
    return kUnusable;
  }
  return std::nullopt;
}

}  // namespace cow::program

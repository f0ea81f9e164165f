// The program `cow`: finds the command and hands it what follows.
#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "program/builtin.h"
#include "program/command.h"

namespace cow::program {
namespace {

const Command* find_command(const std::string& name) {
  for (const Command& c : commands())
    if (name == c.name) return &c;
  return nullptr;
}

std::string usage() {
  std::string text = "usage: cow COMMAND [ARGUMENT ...]\n\n";
  for (const Command& c : commands()) text += fmt::format("  {:<9} {}\n", c.name, c.summary);
  return text +
         "\n`cow help COMMAND` says more. Exit status: 0 all as expected, 1 something else,\n"
         "2 an input cannot be used, 77 this machine cannot do it.\n";
}

int unknown(const std::string& name) {
  fmt::print(stderr, "cow: unknown command '{}'\n\n{}", name, usage());
  return kUnusable;
}

int start(const std::vector<std::string>& words) {
  if (words.empty()) {
    fmt::print(stderr, "{}", usage());
    return kUnusable;
  }
  std::string name = words.front();
  if (name == "--help" || name == "-h") name = "help";
  if (name == "--version") name = "version";
  const Command* command = find_command(name);
  if (command == nullptr) return unknown(name);
  return command->run({words.begin() + 1, words.end()});
}

}  // namespace

int command_help(std::vector<std::string> arguments) {
  if (arguments.empty()) {
    fmt::print("{}", usage());
    return kAsExpected;
  }
  if (arguments.size() > 1) {
    fmt::print(stderr, "cow help: one command at a time\n");
    return kUnusable;
  }
  const Command* command = find_command(arguments.front());
  if (command == nullptr) return unknown(arguments.front());
  return command->run == command_help ? command_help({}) : command->run({"--help"});
}

int command_version(std::vector<std::string> arguments) {
  CLI::App app{"Prints the version.", "cow version"};
  if (const auto status = parse(app, std::move(arguments))) return *status;
  fmt::print("cow {}\n", COW_VERSION);
  return kAsExpected;
}

}  // namespace cow::program

int main(int argc, char** argv) {
  try {
    const int status = cow::program::start({argv + 1, argv + argc});
    // A full disk or a closed pipe must not look like success.
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
    fmt::print(stderr, "cow: the output cannot be written: {}\n", std::strerror(errno));
    return status == cow::program::kAsExpected ? cow::program::kCannot : status;
  } catch (const std::bad_alloc&) {
    std::fputs("cow: out of memory\n", stderr);
    return cow::program::kCannot;
  } catch (const std::exception& e) {
    fmt::print(stderr, "cow: {}\n", e.what());
    return cow::program::kCannot;
  }
}

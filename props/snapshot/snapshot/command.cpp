#include "snapshot/command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstring>
#include <limits>

#include "program/command.h"
#include "snapshot/print.h"
#include "snapshot/take.h"

namespace cow::snapshot {
namespace {

using program::kAsExpected, program::kCannot, program::kSomethingElse, program::kUnusable;

int refuse(const Refusal& r) {
  const auto say = [&r](int status, const std::string& what) {
    fmt::print(stderr, "cow snapshot: process {}: {}\n", r.pid, what);
    return status;
  };
  switch (r.why) {
    case Why::no_such_process: return say(kUnusable, "there is none");
    case Why::no_memory:
      return say(kUnusable, "has no memory of its own: a kernel thread, or about to be reaped");
    case Why::shares_memory:
      return say(kUnusable, r.pid == r.other
                                ? "is named twice"
                                : fmt::format("is one address space with process {}; name one of "
                                              "them",
                                              r.other));
    case Why::ended: return say(kSomethingElse, "ended while it was looked at");
    case Why::no_right:
      return say(kCannot,
                 fmt::format("its page table cannot be read ({}); {}", std::strerror(r.error),
                             geteuid() == 0 ? "it has a right that this root has not (ptrace)"
                                            : "run this as root, or as the user who runs it"));
  }
  return kCannot;
}

}  // namespace

int command_snapshot(std::vector<std::string> arguments) {
  std::vector<int> pids;
  CLI::App app{
      "Writes the present state of living processes as a .cowstate, which `cow check`\n"
      "judges. What this user cannot see is left out; comments say what.",
      "cow snapshot"};
  app.add_option("--pid", pids, "the processes, which become P0, P1, …")
      ->required()
      ->check(CLI::Range(1, std::numeric_limits<int>::max()));
  if (const auto status = program::parse(app, std::move(arguments))) return *status;
  const auto taken = take(pids);
  if (const auto* refusal = std::get_if<Refusal>(&taken)) return refuse(*refusal);
  const auto& shot = std::get<Snapshot>(taken);
  if (shot.state.entries.empty()) {
    fmt::print(stderr, "cow snapshot: no page of these processes can be seen; run this as root\n");
    return kCannot;
  }
  fmt::print("{}", print(shot));
  return kAsExpected;
}

}  // namespace cow::snapshot

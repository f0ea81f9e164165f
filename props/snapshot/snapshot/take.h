// Takes the present state of living processes, and remembers what could not be seen.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "snapshot/areas.h"
#include "trace/cowstate.h"

namespace cow::snapshot {

// A state's page numbers end here; a larger area is left out.
inline constexpr std::uint64_t kMostPages = kMaxPages;

struct Seen {
  int pid = 0;
  std::string name;  // the program's, as /proc/PID/comm has it
  std::vector<Area> areas;
};

// What is there and is not in the state.
struct LeftOut {
  std::uint64_t changed = 0;        // entries that changed while they were looked at
  std::uint64_t without_frame = 0;  // mapped more than once, and the frame is not shown
  std::uint64_t not_swap = 0;       // neither present nor swapped: migrating, poisoned, guarded
  std::uint64_t too_large = 0;      // areas
};

struct Snapshot {
  std::vector<Seen> processes;  // `Pn` is the n-th
  trace::State state;
  bool frames_visible = false;  // pagemap shows frames
  bool counts_visible = false;  // kpagecount and kpageflags are open to us
  LeftOut left_out;
};

enum class Why { no_such_process, no_memory, no_right, ended, shares_memory };
struct Refusal {
  Why why;
  int pid = 0;
  int other = 0;  // shares_memory: with whom
  int error = 0;  // no_right: errno
};

[[nodiscard]] std::variant<Snapshot, Refusal> take(const std::vector<int>& pids);

// The name of an area: `v` and its first address, so that a child's is its parent's.
[[nodiscard]] std::string region_name(const Area& area);

}  // namespace cow::snapshot

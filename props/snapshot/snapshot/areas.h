// The areas of a living process, as /proc/PID/maps lists them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cow/step.h"

namespace cow::snapshot {

struct Area {
  std::uint64_t begin = 0, end = 0;  // addresses; end is the first one behind
  bool may_write = false;            // what the area allows, not what its entries do
  Share share = Share::private_;
  std::string shows;  // the file's path, or `[heap]` and the like; empty: anonymous memory
  bool operator==(const Area&) const = default;
};

// Lines of /proc/PID/maps; one that is none is left out.
[[nodiscard]] std::vector<Area> parse_areas(const std::string& maps);

// The kernel's own pages, mapped for the program's use: no memory of the process.
[[nodiscard]] bool is_kernels_own(const Area& area);

// Backed by memory that has no file on a disk: shmem.
[[nodiscard]] bool is_shmem(const Area& area);

}  // namespace cow::snapshot

// Where the regions of a trace lie in real address spaces, and which of their pages are watched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cow/step.h"
#include "kernel/page.h"

namespace cow::kernel {

inline constexpr std::uint64_t kCellSize = 1024;
inline constexpr std::uint64_t kHugePage = 512;  // pages
// A region of more pages is watched where the trace names a page of it.
inline constexpr std::uint32_t kWatchedWhole = 64;

struct Place {
  std::uint64_t address = 0;         // the same in every process
  std::uint32_t longest = 1;         // pages, in whatever process
  std::vector<std::uint32_t> pages;  // watched, in order
  std::size_t row = 0;               // of the first watched page
};

struct Plan {
  std::uint32_t processes = 1, refs = 0;
  std::vector<Place> regions;
  std::size_t rows = 0;  // watched pages of one process

  [[nodiscard]] std::uint64_t address(Region r, std::uint32_t page) const {
    return regions[index(r)].address + page * kPageSize;
  }
};

Plan plan_of(const std::vector<Step>& steps);

}  // namespace cow::kernel

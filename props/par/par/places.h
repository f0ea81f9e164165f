// Where a program of steps can have left something: what two machines are compared on.
#pragma once

#include <cstdint>
#include <vector>

#include "cow/step.h"

namespace cow::par {

struct Places {
  std::vector<Slot> slots;  // each page of each region in each process; of a large one those named
  std::vector<Ref> refs;
  std::uint32_t processes = 1;
  std::uint32_t regions = 0;
};

// All that the steps name, in one order.
[[nodiscard]] Places places_of(const std::vector<Step>& steps);

}  // namespace cow::par

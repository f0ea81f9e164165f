// Small programs at random: a few steps on one or two processes that may share a page or two, and
// then two or three columns.
#pragma once

#include <cstdint>

#include "interleave/block.h"

namespace cow::interleave {

// The same for a seed anywhere.
[[nodiscard]] Program draw(std::uint64_t seed);

}  // namespace cow::interleave

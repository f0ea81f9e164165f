// The page, as this room's processes have it.
#pragma once

#include <cstdint>

namespace cow::kernel {

inline constexpr std::uint64_t kPageSize = 4096;  // bytes

}  // namespace cow::kernel

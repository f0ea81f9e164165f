// What an `assert` line finds on the kernel, where that can be seen from outside.
#pragma once

#include <cstdint>
#include <optional>

#include "kernel/stage.h"
#include "trace/trace.h"

namespace cow::kernel {

// A number as trace::Fact wants it. Nothing: not visible at this level of sight, or at all.
std::optional<std::uint32_t> find_fact(const trace::Fact& fact, Stage& stage, const Window& window);

}  // namespace cow::kernel

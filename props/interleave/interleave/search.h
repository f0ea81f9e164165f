// Looks among a program's executions on an implementation for one that is odd.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "interleave/allowed.h"

namespace cow::interleave {

// Whether an execution is what is looked for.
using Odd = bool (*)(const Allowed&, const runner::Execution&);

// The specification has no such execution: a bug in one of the two.
bool is_unexplained(const Allowed& allowed, const runner::Execution& e);
// The specification has it, and something is missed or wrong: a finding about the kernel.
bool is_unsound(const Allowed& allowed, const runner::Execution& e);
struct Looked {
  std::uint64_t executions = 0;
  std::optional<explore::Schedule> odd;  // of the first odd one, all of it
};
Looked look(const Allowed& allowed, const runner::Executions& implementation, Odd odd);

// Steps are left out, and the rest made plainer, as long as it fails.
using Fails = std::function<bool(const Program&)>;
[[nodiscard]] Program shrink(Program failing, const Fails& fails);

}  // namespace cow::interleave

// The invariants of a snapshot. What it does not say is unknown: a clause that needs it is reported
// so, and that is no failure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trace/cowstate.h"

namespace cow::state {

enum class Status : std::uint8_t { held, violated, unknown };

struct Finding {
  std::string clause;
  Status status = Status::held;
  std::uint32_t line = 0;  // where the witness stands; 0 if held
  std::string witness;     // the entries and the frame; empty if held
};

// Every clause, in a fixed order: held, or unknown, or each violation of it, one for each page and
// at most kMostWitnesses.
[[nodiscard]] std::vector<Finding> check(const trace::State& state);
inline constexpr int kMostWitnesses = 16;

// The clauses that check() tells about. Those that speak of steps need a trace. So do COH-1 and
// COH-2: whether a reference is still attached is not in a state.
[[nodiscard]] const std::vector<std::string_view>& clauses();

}  // namespace cow::state

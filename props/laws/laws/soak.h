// Millions of steps in lockstep, without a look at scenes: agreement and verdicts alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cow/rules.h"
#include "laws/words.h"

namespace cow::laws {

struct Soaked {
  std::uint64_t steps = 0;
  std::uint64_t missed = 0, wrong = 0, unnecessary = 0;  // steps with that verdict
  std::optional<Case> witness;                           // what it stopped at, shrunk
  std::string said;                                      // what it was
};

// What it stops at: a disagreement of the machines, or a step that is missed or wrong too.
enum class StopAt { disagreement, missed_or_wrong };

Soaked soak(const Rules& rules, const Profile& profile, std::uint64_t seed, std::uint64_t steps,
            std::uint32_t size, StopAt stop);

}  // namespace cow::laws

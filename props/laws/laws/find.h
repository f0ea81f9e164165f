// Looks from nothing for a trace that breaks a law.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "laws/law.h"
#include "laws/machines.h"
#include "laws/words.h"

namespace cow::laws {

struct Found {
  Law law;
  Case test;                // shrunk
  std::size_t from = 0;     // its steps before
  std::uint64_t cases = 0;  // tried until then
  std::uint64_t steps = 0;  // taken in these
};

// Laws that some verdict word or clause id stands for: what is looked for is one of them broken.
std::vector<Law> laws_for(std::string_view verdict);

// Tries each law in turn, and takes the shortest of a few witnesses. REQUIRES: cases > 0.
std::optional<Found> find_witness(const std::vector<Law>& wanted, const Rules& rules,
                                  std::uint64_t seed, std::uint64_t cases, std::uint32_t size,
                                  const MakeMachines& make);

// Shrinks a case that breaks the law.
Case shrink_witness(const Law& law, const Rules& rules, Case test, const MakeMachines& make);

}  // namespace cow::laws

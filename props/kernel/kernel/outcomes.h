// What an access came to, as far as it can be told from its faults and its entry.
#pragma once

#include <cstdint>
#include <string>

#include "cow/outcome.h"
#include "cow/step.h"
#include "kernel/sight.h"

namespace cow::kernel {

// A set: bit i stands for the Outcome i. What cannot be told apart is in it together.
using Outcomes = std::uint16_t;
template <class... Each> constexpr Outcomes any_of(Each... each) {
  return static_cast<Outcomes>(((1u << static_cast<unsigned>(each)) | ... | 0u));
}
constexpr bool contains(Outcomes set, Outcome o) { return (set & any_of(o)) != 0; }

// `reused`, `{reused,copied}`; of the empty set: a fault that no outcome stands for.
std::string print(Outcomes set);

struct Access {
  bool write = false;
  bool shared = false;  // the mapping
  bool file = false;    // of a file, private
  std::uint64_t faults = 0;
  Entry before, after;
  bool zero = false;  // after: the zero page (at Sight::frames)
};

// REQUIRES: no signal and no error ended it.
Outcomes outcomes_of(const Access& access, Sight sight);

}  // namespace cow::kernel

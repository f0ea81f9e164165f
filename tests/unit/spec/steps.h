// The first steps of most scenarios: P0 maps one page, forks P1.
#pragma once

#include "cow/step.h"

namespace cow::spec {

constexpr Pid kParent{0}, kChild{1};
inline const Step kMap{.op = Op::map, .count = 1};
inline const Step kFork{.op = Op::fork, .child = kChild};
inline Step write(Pid p, std::uint8_t value) {
  return {.op = Op::write, .process = p, .value = value};
}

}  // namespace cow::spec

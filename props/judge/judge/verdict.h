// What the judge says of one step.
#pragma once

#include <cstdint>

namespace cow::judge {

// In the order in which they apply: a step has the first one.
enum class Verdict : std::uint8_t {
  none,
  missed,       // ISO: another object shows what was written to this one
  wrong,        // COH: a reference and its owner's page have parted
  unnecessary,  // MIN: a page was copied that nobody else shows
};

}  // namespace cow::judge

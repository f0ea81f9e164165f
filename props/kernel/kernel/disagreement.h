// Where the kernel and the specification part ways.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cow/ids.h"

namespace cow::kernel {

enum class Sort : std::uint8_t {
  wrong_value,  // a byte is not what the specification says
  missed_copy,  // the specification has two pages where the kernel has one
  stray_copy,   // the kernel copied a page that the rule would reuse: perhaps a stray reference
  other,        // outcomes, kinds, counts
  lost,         // a process hangs or has died
};
inline constexpr std::string_view kSortWords[] = {
    "wrong value", "missed copy", "stray-reference copy", "other difference", "lost process"};

struct Disagreement {
  Sort sort = Sort::other;
  std::size_t step = 0;      // its index
  std::string expected;      // of the specification
  std::string seen;          // of the kernel
  std::optional<Slot> slot;  // where, if at a place that the step does not name
};

}  // namespace cow::kernel

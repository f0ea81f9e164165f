// Steps of the language that no machine takes, and that real processes can do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cow/step.h"
#include "kernel/borrowed.h"
#include "kernel/replayable.h"
#include "trace/trace.h"

namespace cow::kernel {

// As a list:
// clang-format off
enum class Beyond : std::uint8_t {
  none,  // a step that the machines take
  remap, lock, unlock,
  free, mergeable, unmergeable, hugepage, nohugepage, pageout, collapse,
  map_huge,     // map … thp
  map_hugetlb,  // map … hugetlb
  uffd_on, uffd_off,
  swap_out,
  merge  // sys ksm
};
// clang-format on

struct AnyStep {
  Step step;
  Beyond beyond = Beyond::none;
  Slot other{};  // remap: the region to move to; ksm: the other page
};
constexpr bool maps(Beyond b) { return b == Beyond::map_huge || b == Beyond::map_hugetlb; }

// The step, or why it is not done.
std::variant<AnyStep, std::string> step_beyond(const trace::Unmodelled& item);

struct AnySteps {
  std::vector<AnyStep> steps;
  std::vector<std::uint32_t> lines;
  std::string cannot;  // why they are not all there; empty: they are
  std::uint32_t cannot_line = 0;
};
AnySteps any_steps_of(const trace::Trace& trace);

// The first word of the trace that no machine takes; empty: there is none.
std::string first_beyond(const trace::Trace& trace);

// What of the system it has a use for.
Wishes wishes_of(const trace::Trace& trace);

// Why this machine cannot do it; empty: it can.
std::string find_hindrance(const AnyStep& step, const Facilities& facilities);

// Steps that name the same places, for a plan.
std::vector<Step> places_of(const std::vector<AnyStep>& steps);

}  // namespace cow::kernel

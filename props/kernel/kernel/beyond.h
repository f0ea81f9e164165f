// Steps that real processes can do, and of which not everything is compared: those that no machine
// takes, and those whose outcome the kernel chooses by what the machines do not know.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
  none,  // a step that is compared in every way
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
  Slot other{};  // ksm: the other page
};
constexpr bool maps(Beyond b) { return b == Beyond::map_huge || b == Beyond::map_hugetlb; }

// What of the kind it is, or why real processes cannot do it.
std::variant<AnyStep, std::string> any_step(const Step& step);
std::variant<AnyStep, std::string> any_step(const trace::Unmodelled& item);

// Its word, where it is of the kind; else empty.
std::string_view word_beyond(const Step& step);

struct AnySteps {
  std::vector<AnyStep> steps;
  std::vector<std::uint32_t> lines;
  std::string cannot;  // why they are not all there; empty: they are
  std::uint32_t cannot_line = 0;
};
AnySteps any_steps_of(const trace::Trace& trace);

// The first word of the trace that is of the kind; empty: there is none.
std::string first_beyond(const trace::Trace& trace);

// What of the system it has a use for.
Wishes wishes_of(const trace::Trace& trace);

// Why this machine cannot do it; empty: it can.
std::string find_hindrance(const AnyStep& step, const Facilities& facilities);

// Steps that name the same places, for a plan.
std::vector<Step> places_of(const std::vector<AnyStep>& steps);

}  // namespace cow::kernel

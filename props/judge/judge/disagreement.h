// Something that should hold between two machines, or of one, and does not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cow/ids.h"

namespace cow::judge {

// The clauses that the lockstep itself adds to those of the specification.
inline constexpr const char* kSameOutcome = "SAME-1";    // both machines say one outcome and value
inline constexpr const char* kSameEntry = "SAME-2";      // … show the same entries
inline constexpr const char* kSamePage = "SAME-3";       // … and pages, frame for frame
inline constexpr const char* kSameReference = "SAME-4";  // … and references
inline constexpr const char* kSameCounts = "SAME-5";     // … and rss, allocated pages, processes
inline constexpr const char* kIdealValue = "IDEAL-1";    // a read sees what the ideal machine says
inline constexpr const char* kLostPage = "SWAP-6";       // reclaim drops only what was given up

struct Disagreement {
  std::string clause;
  std::string text;
  std::optional<Slot> slot;  // where it shows, if at a place or a reference
  std::optional<Ref> ref;
};

using Disagreements = std::vector<Disagreement>;

}  // namespace cow::judge

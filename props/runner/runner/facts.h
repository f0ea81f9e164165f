// What an `assert` line finds.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "par/orders.h"
#include "runner/machines.h"
#include "trace/trace.h"

namespace cow::runner {

// A number as trace::Fact wants it, or why there is none: `nothing mapped`.
using Found = std::variant<std::uint64_t, std::string>;

// REQUIRES: the fact is not of same_frame or other_frame.
[[nodiscard]] Found find_fact(const Machines& machines, const trace::Fact& fact);
// same_frame, other_frame: 1 if both entries are present and show one frame, 0 if two frames.
[[nodiscard]] Found find_frames(const Machines& machines, const Slot& one, const Slot& other);

class Findings;
// Holds an `assert` line against where it stands; false: it does not hold, and that was told.
bool expect_fact(const Machines& machines, const trace::Fact& fact, Findings& findings);
bool expect_fact(const SharedTablesMachines& machines, const trace::Fact& fact, Findings& findings);
bool expect_fact(const par::World& world, const trace::Fact& fact, Findings& findings);

// `mapcount P0.a`, `rss P0 anon`, `frame P0.a == P1.a`: the fact without what it should be.
[[nodiscard]] std::string fact_text(const trace::Fact& fact, const trace::NameTable& names);

}  // namespace cow::runner

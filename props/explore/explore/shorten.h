// Makes of a schedule under which something fails one that a person can follow.
#pragma once

#include "explore/explore.h"

namespace cow::explore {

struct Shortened {
  Schedule schedule;    // what must be said; the rest goes by the rule of replay.h
  Execution execution;  // the whole, without its points
};

using Fails = std::function<bool(const Execution&)>;  // asked after each execution

// Fewest switches, and among those the shortest schedule, as far as can be had by leaving out,
// bringing together and cutting off, and by a search of limited length among schedules with fewer
// preemptions. The same arguments give the same answer. If the schedule does not fail when it is
// replayed, it is given back as it is.
Shortened shorten(const Schedule& failing, const SetUp& set_up, const Bodies& bodies,
                  const Fails& fails);

}  // namespace cow::explore

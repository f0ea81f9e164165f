// The steps of the proof: every event of the specification, with what it may rely on, beside what
// the ideal machine does. Loops over pages (fork, exit, unmap, protect) are proved page by page.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "prove/world.h"

namespace cow::prove {

struct Event {
  std::string name;
  std::function<void(World&)> run;  // assumes its guards, takes both machines one step
};

std::vector<Event> events(const Rules& rules);

}  // namespace cow::prove

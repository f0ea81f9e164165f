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
std::vector<Event> feature_events();  // of which those are a part
std::vector<Event> huge_events(const Rules& rules);
// Steps that a rule set takes and that are not proved, because they break a clause: see lacking().
std::vector<Event> left_out(const Rules& rules);
std::vector<Event> left_out_of_huge_pages(const Rules& rules);

}  // namespace cow::prove

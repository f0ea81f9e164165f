// The traces of the corpus, and which of them shows a thing as soon as anything can.
#pragma once

#include <string>
#include <vector>

#include "search.h"
#include "trace/trace.h"

namespace cow::debate {

struct Witness {
  std::string link;  // from docs/
  trace::Trace trace;
  std::vector<Step> steps;  // facts left out
};

// The traces of the folder without `par`. REQUIRES: all of them can be read; else the program ends.
std::vector<Witness> read_witnesses(const std::string& folder, const std::string& link);

// Is it a step of the world, whatever is written, and whatever the reference is called?
bool is_of(const World& world, const Step& step);

// The number of the step of the trace that shows it first, from 1; 0: none does, or a step before
// is refused or not one of the world's. Reads through references are not counted: they change
// nothing.
template <class Machine>
std::size_t shows_at(const Witness& witness, const World& world, const Rules& rules, Wrong wrong) {
  Pair<Machine> pair(rules);
  std::size_t at = 0;
  for (const Step& step : witness.steps) {
    if (step.op == Op::ref_read) continue;
    if (!is_of(world, step)) return 0;
    const std::optional<Shown> shown = pair.take(step, world);
    if (!shown) return 0;
    ++at;
    if ((*shown)[static_cast<std::size_t>(wrong)]) return at;
  }
  return 0;
}

// The first one that shows it at this step; nullptr: none.
const Witness* find_witness(const std::vector<Witness>& all, const World& world, const Rules& rules,
                            Wrong wrong, std::size_t at);

}  // namespace cow::debate

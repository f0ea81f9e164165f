// Steps by the thousand, and a word where one does not come to what the measurement is about.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "cow/outcome.h"
#include "cow/step.h"

namespace cow::bench {

// A figure of other work than is claimed would be worse than none.
inline void demand(bool right, const char* what) {
  if (right) return;
  std::fprintf(stderr, "benchmark: %s\n", what);
  std::abort();
}

inline Step process_step(Op op, Pid process, Pid child = Pid{}) {
  Step s;
  s.op = op;
  s.process = process;
  s.child = child;
  return s;
}
inline Step page_step(Op op, Pid process, Region region = Region{}) {
  Step s = process_step(op, process);
  s.region = region;
  s.value = 1;
  return s;
}
// Unmap, advise: all pages of a region. Map: that many.
inline Step range_step(Op op, Pid process, std::uint32_t pages, Region region = Region{}) {
  Step s = page_step(op, process, region);
  s.last = pages - 1;
  s.count = pages;
  return s;
}

template <class Machine> void must(Machine& machine, const Step& step) {
  demand(machine.run(step).outcome == Outcome::ok, "a step did not work");
}

// The same step on each of these pages. This is what is timed where accesses are: the check costs a
// comparison and an addition.
template <class Machine>
void access_all(Machine& machine, Step step, std::span<const std::uint32_t> order,
                Outcome expected) {
  std::size_t right = 0;
  for (const std::uint32_t page : order) {
    step.first = step.last = page;
    right += machine.run(step).outcome == expected;
  }
  demand(right == order.size(), "an access came to something else than what is measured");
}

}  // namespace cow::bench

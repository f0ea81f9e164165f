// Every allocation of a step fails once: what that leaves, and that the step then works.
#pragma once

#include "same_facts.h"
#include "steps.h"

namespace cow::test {

// Fails the n-th allocation of `sort` during `step`, for n = 1, 2, … until the step makes fewer.
// left(machine, twin) looks at what is left, beside a twin that has not taken the step; then both
// take it, to the same end. Returns how many allocations the step makes.
template <class Machine, class Prepare, class Left>
std::uint32_t fail_each_beside_twin(Op sort, Prepare prepare, const Step& step, Left left) {
  for (std::uint32_t n = 1; n < 100; ++n) {
    Machine m(files(3, 9), *find_rules("6.15")), twin(files(3, 9), *find_rules("6.15"));
    prepare(m);
    prepare(twin);
    m.run(fail(sort, n));
    const Outcome got = m.run(step).outcome;
    if (got == Outcome::ok) return n - 1;
    EXPECT_EQ(got, Outcome::oom) << n;
    left(m, twin);
    EXPECT_EQ(m.check_counts(), std::nullopt) << n;
    EXPECT_EQ(m.check_tables(), std::nullopt) << n;
    EXPECT_EQ(m.run(step), twin.run(step)) << n;
    SameFacts<Machine, Machine> facts;
    EXPECT_EQ(facts.differ(m, twin), std::nullopt) << n;
  }
  return 100;
}

}  // namespace cow::test

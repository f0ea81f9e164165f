// Reduction leaves out no class of executions, and visits none twice.
#include <gtest/gtest.h>

#include "small_program.h"

namespace cow::explore {
namespace {

struct Shape {
  unsigned bodies;
  unsigned ops;
  std::uint64_t programs;
};
void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.bodies << " bodies of " << shape.ops;
}

class SmallPrograms : public testing::TestWithParam<Shape> {};

TEST_P(SmallPrograms, AllVisitsEachClassOnce) {
  const Shape shape = GetParam();
  std::uint64_t executions = 0;
  std::uint64_t blocked = 0;
  for (std::uint64_t seed = 1; seed <= shape.programs; ++seed) {
    const Program program = random_program(seed, shape.bodies, shape.ops);
    const Seen every = every_interleaving(program);
    const Outcome some = explored(program, {});
    ASSERT_EQ(some.seen.classes, every.classes) << "seed " << seed << "\n" << said(program);
    ASSERT_EQ(some.seen.states, every.states) << "seed " << seed << "\n" << said(program);
    ASSERT_EQ(some.totals.executions, every.classes.size()) << "seed " << seed << "\n"
                                                            << said(program);
    ASSERT_TRUE(some.totals.complete);
    executions += some.totals.executions;
    blocked += some.totals.blocked;
  }
  RecordProperty("executions", std::to_string(executions));
  RecordProperty("blocked", std::to_string(blocked));
}

TEST_P(SmallPrograms, WithoutABoundOfPreemptionsEachClassIsMetToo) {
  const Shape shape = GetParam();
  for (std::uint64_t seed = 1; seed <= shape.programs / 4; ++seed) {
    const Program program = random_program(seed, shape.bodies, shape.ops);
    const Outcome some = explored(program, {.way = Options::Way::bounded, .preemptions = 1000});
    ASSERT_EQ(some.seen.classes, every_interleaving(program).classes) << "seed " << seed;
    ASSERT_TRUE(some.totals.complete);
  }
}

INSTANTIATE_TEST_SUITE_P(Random, SmallPrograms,
                         testing::Values(Shape{2, 3, 200}, Shape{2, 5, 40}, Shape{3, 2, 100},
                                         Shape{3, 3, 6}, Shape{4, 2, 3}));

}  // namespace
}  // namespace cow::explore

// Random steps: after each one the counts, recomputed, must agree, and a refused one changes
// nothing.
#include <array>

#include "random_steps.h"

namespace cow::test {
namespace {

TEST(Random, CountsHoldAfterEveryStep) {
  std::array<std::uint32_t, 16> seen{};
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    const Rules& rules = kRules[seed % kRules.size()];
    impl::Machine m(RandomSteps::setup(seed), rules);
    RandomSteps next(seed);
    for (int i = 0; i < 120; ++i) {
      const Step step = next();
      const Result r = m.run(step);
      const bool may_be_busy =
          step.op == Op::sys_swapout || step.op == Op::sys_migrate || step.op == Op::sys_ksm;
      if (r.outcome != Outcome::busy || !may_be_busy) ++seen[static_cast<std::size_t>(r.outcome)];
      const auto wrong = m.check_counts();
      ASSERT_FALSE(wrong.has_value()) << *wrong << ", seed " << seed << ", step " << i;
      ASSERT_FALSE(m.check_tables().has_value()) << "seed " << seed << ", step " << i;
    }
  }
  for (const Outcome o : {Outcome::hit, Outcome::zero, Outcome::fresh, Outcome::filled,
                          Outcome::copied, Outcome::reused, Outcome::enabled, Outcome::segv,
                          Outcome::sigbus, Outcome::oom, Outcome::nosuch, Outcome::inval})
    EXPECT_GT(seen[static_cast<std::size_t>(o)], 20u) << o;
  EXPECT_EQ(seen[static_cast<std::size_t>(Outcome::busy)], 0u);  // LIVE-1
}

TEST(Random, CountsHoldWhereHugePagesAre) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    impl::Machine m(RandomSteps::setup(seed), kRules[seed % kRules.size()]);
    RandomSteps next(seed, false, true);
    for (int i = 0; i < 120; ++i) {
      m.run(next());
      const auto wrong = m.check_counts();
      ASSERT_FALSE(wrong.has_value()) << *wrong << ", seed " << seed << ", step " << i;
      ASSERT_FALSE(m.check_tables().has_value()) << "seed " << seed << ", step " << i;
    }
  }
}

TEST(Random, AResetMachineDoesWhatANewOneDoes) {
  impl::Machine used({}, kRules[0]);
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const Rules& rules = kRules[seed % kRules.size()];
    const cow::Setup setup = RandomSteps::setup(seed);
    used.reset(setup, rules);
    impl::Machine fresh(setup, rules);
    RandomSteps next(seed);
    for (int i = 0; i < 100; ++i) {
      const Step s = next();
      ASSERT_EQ(used.run(s), fresh.run(s)) << "seed " << seed << ", step " << i;
    }
    EXPECT_FALSE(used.check_counts().has_value());
  }
}

}  // namespace
}  // namespace cow::test

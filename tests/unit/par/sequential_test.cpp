// One column alone is the machine that takes step after step.
#include "programs.h"
#include "random_steps.h"

namespace cow::par {
namespace {

TEST(Sequential, TheLoopsOfThreadsAreThoseOfTheMachine) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    const Rules& rules = kRules[seed % kRules.size()];
    const cow::Setup setup{{{3, 5}}, seed % 3 == 0 ? 6 : kEnoughFrames};
    spec::Specification alone(setup, rules);
    spec::SpecificationOfThreads threads(setup, rules);
    threads.add_threads(1);
    RandomSteps steps(seed);
    std::vector<Step> taken;
    for (int i = 0; i < 60; ++i) {
      const Step step = steps.any();
      taken.push_back(step);
      const Places places = places_of(taken);
      const Result want = alone.run(step);
      threads.start(spec::ThreadId{0}, step);
      std::optional<Result> got;
      while (!got) {
        ASSERT_TRUE(threads.can_go(spec::ThreadId{0}));
        got = threads.go(spec::ThreadId{0});
      }
      ASSERT_EQ(want, *got) << "seed " << seed << " step " << i;
      ASSERT_EQ(state_of(alone, places), state_of(threads, places))
          << "seed " << seed << " step " << i;
      ASSERT_TRUE(threads.stale().empty());
    }
  }
}

}  // namespace
}  // namespace cow::par

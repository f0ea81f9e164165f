// Threads that take random steps on one machine at once: afterwards all counts agree, and nothing
// is left when everybody has gone.
#include <thread>
#include <vector>

#include "random_steps.h"

namespace cow::test {
namespace {

template <class Machine> class ThreadsAtOnce : public testing::Test {};
using Strategies = testing::Types<impl::Machine, impl::SharedTablesMachine>;
TYPED_TEST_SUITE(ThreadsAtOnce, Strategies);

TYPED_TEST(ThreadsAtOnce, LeaveCountsThatAgree) {
  constexpr std::uint32_t kThreads = 3;
  constexpr int kStepsEach = 400;
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    TypeParam m(RandomSteps::setup(seed), kRules[seed % kRules.size()]);
    std::vector<std::jthread> threads;
    for (std::uint32_t t = 0; t < kThreads; ++t)
      threads.emplace_back([&m, seed, t] {
        RandomSteps next(seed * kThreads + t, seed % 2 != 0);
        for (int i = 0; i < kStepsEach; ++i) {
          Step s = next();
          s.thread = t;
          m.run(s);
        }
      });
    threads.clear();
    const auto wrong = m.check_counts(), tables = m.check_tables();
    ASSERT_FALSE(wrong.has_value()) << *wrong << ", seed " << seed;
    ASSERT_FALSE(tables.has_value()) << *tables << ", seed " << seed;
    for (std::uint32_t n = 0; n < 4; ++n) m.run(through(Op::unpin, Ref{n}));
    for (std::uint32_t n = 0; n < 4; ++n) m.run(exit(Pid{n}));
    EXPECT_EQ(m.tables_in_use(), 0u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace cow::test

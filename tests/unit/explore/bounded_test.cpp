#include <gtest/gtest.h>

#include "explore/explore.h"
#include "explore/explored.h"

namespace cow::explore {
namespace {

using X = Explored;

struct TwoParts {
  unsigned counter = 0;
  Body body = [this] { X::store(counter, X::load(counter) + 1); };

  Totals look(unsigned preemptions, unsigned* at) {
    return explore(
        {.way = Options::Way::bounded, .preemptions = preemptions}, [this] { counter = 0; },
        {body, body},
        [&](const Execution& execution) {
          if (counter != 1) return true;
          *at = execution.preemptions;
          return false;
        });
  }
};

TEST(Bounded, FindsWithOnePreemptionWhatNeedsOne) {
  unsigned at = 9;
  const Totals none = TwoParts().look(0, &at);
  EXPECT_EQ(none.executions, 2u);
  EXPECT_FALSE(none.complete);
  EXPECT_EQ(at, 9u);
  TwoParts().look(3, &at);
  EXPECT_EQ(at, 1u);
}

TEST(Bounded, FewerPreemptionsComeFirstAndNoScheduleTwice) {
  unsigned word = 0;
  const Body body = [&] {
    for (unsigned times = 0; times < 3; ++times) X::fetch_add(word, 1);
  };
  std::set<Schedule> seen;
  unsigned before = 0;
  const Totals totals = explore(
      {.way = Options::Way::bounded, .preemptions = 100}, [] {}, {body, body},
      [&](const Execution& execution) {
        EXPECT_GE(execution.preemptions, before);
        before = execution.preemptions;
        EXPECT_TRUE(seen.insert(execution.schedule).second);
        return true;
      });
  EXPECT_EQ(totals.executions, 20u);  // 6 over 3
  EXPECT_TRUE(totals.complete);
}

TEST(Bounded, AWaitIsNoPreemption) {
  X::Lock lock;
  unsigned word = 0;
  const Body body = [&] {
    lock.lock();
    X::fetch_add(word, 1);
    lock.unlock();
    X::fetch_add(word, 1);
  };
  explore(
      {.way = Options::Way::bounded, .preemptions = 0}, [] {}, {body, body},
      [](const Execution& execution) {
        EXPECT_EQ(execution.switches, 1u);
        EXPECT_EQ(execution.preemptions, 0u);
        return true;
      });
}

}  // namespace
}  // namespace cow::explore

#include <gtest/gtest.h>

#include "explore/explore.h"
#include "explore/explored.h"

namespace cow::explore {
namespace {

using X = Explored;

struct Counter {
  unsigned word = 0;
  Body body = [this] { X::store(word, X::load(word) + 1); };
  SetUp set_up = [this] { word = 0; };
  Bodies both{body, body};
};

TEST(Replay, GivesTheSameExecution) {
  Counter counter;
  std::vector<std::pair<Schedule, unsigned>> seen;
  explore({}, counter.set_up, counter.both, [&](const Execution& execution) {
    seen.emplace_back(execution.schedule, counter.word);
    return true;
  });
  ASSERT_EQ(seen.size(), 4u);
  for (const auto& [schedule, word] : seen) {
    const Execution again = replay(schedule, counter.set_up, counter.both);
    EXPECT_EQ(again.schedule, schedule);
    EXPECT_EQ(counter.word, word);
    EXPECT_FALSE(again.strayed);
  }
}

TEST(Replay, TheLowestNumberGoesOnAfterTheEnd) {
  Counter counter;
  EXPECT_EQ(replay({}, counter.set_up, counter.both).schedule, (Schedule{0, 0, 1, 1}));
  const Execution one = replay({1}, counter.set_up, counter.both);
  EXPECT_EQ(one.schedule, (Schedule{1, 0, 0, 1}));
  EXPECT_EQ(one.switches, 2u);
  EXPECT_EQ(one.preemptions, 1u);
}

TEST(Replay, WhoCannotGoIsPassedOver) {
  Counter counter;
  const Execution one = replay({1, 1, 1, 7, 0}, counter.set_up, counter.both);
  EXPECT_EQ(one.schedule, (Schedule{1, 1, 0, 0}));
  EXPECT_TRUE(one.strayed);
}

}  // namespace
}  // namespace cow::explore

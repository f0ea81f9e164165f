#include "explore/shorten.h"

#include <gtest/gtest.h>

#include "explore/explored.h"

namespace cow::explore {
namespace {

using X = Explored;

struct LostUpdate {
  unsigned counter = 0;
  std::array<unsigned, 3> own{};
  SetUp set_up = [this] { counter = 0; };
  Fails fails = [this](const Execution&) { return counter < 3; };
  Bodies bodies;
  LostUpdate() {
    for (unsigned i = 0; i < 3; ++i)
      bodies.emplace_back([this, i] {
        for (unsigned times = 0; times < 4; ++times) X::store(own[i], times);
        X::store(counter, X::load(counter) + 1);
        for (unsigned times = 0; times < 4; ++times) X::store(own[i], times);
      });
  }
};

TEST(Shorten, LeavesThePreemptionThatIsNeeded) {
  LostUpdate lost;
  Schedule failing;
  explore({.way = Options::Way::random, .preemptions = 12, .seed = 3, .executions = 10'000},
          lost.set_up, lost.bodies, [&](const Execution& execution) {
            if (lost.fails(execution) && execution.switches > 6) failing = execution.schedule;
            return failing.empty();
          });
  ASSERT_FALSE(failing.empty());
  const Shortened short_one = shorten(failing, lost.set_up, lost.bodies, lost.fails);
  EXPECT_EQ(short_one.schedule, (Schedule{1, 1, 1, 1, 1}));
  EXPECT_EQ(short_one.execution.preemptions, 1u);
  EXPECT_EQ(short_one.execution.switches, 3u);
  EXPECT_EQ(replay(short_one.schedule, lost.set_up, lost.bodies).schedule,
            short_one.execution.schedule);
  EXPECT_LT(lost.counter, 3u);
  EXPECT_EQ(shorten(failing, lost.set_up, lost.bodies, lost.fails).schedule, short_one.schedule);
}

TEST(Shorten, ADeadlockKeepsItsTwoPoints) {
  X::Lock first, second;
  const auto body = [](X::Lock& one, X::Lock& other) {
    return [&one, &other] {
      one.lock();
      other.lock();
      other.unlock();
      one.unlock();
    };
  };
  const Shortened short_one = shorten(
      {0, 1}, [&] { first = second = {}; }, {body(first, second), body(second, first)},
      [](const Execution& execution) { return execution.deadlock; });
  EXPECT_EQ(short_one.schedule, (Schedule{1}));
  EXPECT_EQ(short_one.execution.schedule, (Schedule{1, 0}));
}

TEST(Shorten, WhatDoesNotFailIsGivenBack) {
  LostUpdate lost;
  EXPECT_EQ(shorten({0, 1, 2}, lost.set_up, lost.bodies, lost.fails).schedule, (Schedule{0, 1, 2}));
}

}  // namespace
}  // namespace cow::explore

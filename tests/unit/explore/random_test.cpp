#include <gtest/gtest.h>

#include "explore/explore.h"
#include "explore/explored.h"
#include "small_program.h"

namespace cow::explore {
namespace {

using X = Explored;

std::vector<Schedule> schedules(std::uint64_t seed) {
  unsigned word = 0;
  const Body body = [&] {
    for (unsigned times = 0; times < 5; ++times) X::fetch_add(word, 1);
  };
  std::vector<Schedule> all;
  explore(
      {.way = Options::Way::random, .seed = seed, .executions = 50}, [] {}, {body, body, body},
      [&](const Execution& execution) {
        all.push_back(execution.schedule);
        return true;
      });
  return all;
}

TEST(Random, ASeedRepeats) {
  EXPECT_EQ(schedules(7), schedules(7));
  EXPECT_NE(schedules(7), schedules(8));
}

TEST(Random, MeetsInTimeWhatThereIs) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Program program = random_program(seed, 2, 3);
    const Outcome some = explored(
        program, {.way = Options::Way::random, .preemptions = 3, .seed = seed, .executions = 5000});
    EXPECT_EQ(some.seen.states, every_interleaving(program).states) << said(program);
    EXPECT_EQ(some.totals.executions, 5000u);
    EXPECT_FALSE(some.totals.complete);
  }
}

}  // namespace
}  // namespace cow::explore

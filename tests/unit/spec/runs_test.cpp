#include "logic/runs.h"

#include <gtest/gtest.h>

#include <functional>

namespace cow::spec {
namespace {

Runs<int> one_run(std::uint32_t first, std::uint32_t last, int value) {
  Runs<int> runs;
  runs.insert({first, last, value});
  return runs;
}

TEST(Runs, TakingOutTheMiddleLeavesTwoPartsAndSplitsTheValue) {
  Runs<int> runs = one_run(0, 9, 1);
  runs.erase(3, 5, [](int v) { return v + 100; });
  ASSERT_EQ(runs.all().size(), 2u);
  EXPECT_EQ(runs.all()[0].last, 2u);
  EXPECT_EQ(runs.all()[0].value, 1);
  EXPECT_EQ(runs.all()[1].first, 6u);
  EXPECT_EQ(runs.all()[1].value, 101);
  EXPECT_EQ(runs.at(4), nullptr);
}

TEST(Runs, TakingOutOneEndKeepsTheValue) {
  Runs<int> runs = one_run(0, 9, 1);
  runs.erase(0, 3, [](int) { return 7; });
  ASSERT_EQ(runs.all().size(), 1u);
  EXPECT_EQ(runs.all()[0].first, 4u);
  EXPECT_EQ(runs.all()[0].value, 1);
}

TEST(Runs, CoversAcrossNeighboursButNotAcrossAGap) {
  Runs<int> runs = one_run(0, 3, 1);
  runs.insert({4, 7, 2});
  runs.insert({9, 9, 3});
  EXPECT_TRUE(runs.covers(2, 6));
  EXPECT_FALSE(runs.covers(7, 9));
}

TEST(Runs, ReachesTheLastPageThereIs) {
  const Runs<int> runs = one_run(0, 16'777'215, 1);
  EXPECT_TRUE(runs.covers(0, 16'777'215));
  EXPECT_NE(runs.at(16'777'215), nullptr);
}

}  // namespace
}  // namespace cow::spec

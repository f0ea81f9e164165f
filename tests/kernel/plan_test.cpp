// Where regions lie, and what of them is watched.
#include "kernel/plan.h"

#include <gtest/gtest.h>

namespace cow::kernel {
namespace {

Step map_of(Region r, std::uint32_t pages) { return {.op = Op::map, .region = r, .count = pages}; }

TEST(Plan, RegionsNeverTouch) {
  constexpr std::uint32_t kBoundary = 4096;  // 16 MiB, in pages
  const Plan plan =
      plan_of({map_of(Region{0}, kBoundary), map_of(Region{1}, 1), map_of(Region{2}, kMaxPages)});
  EXPECT_GT(plan.address(Region{1}, 0), plan.address(Region{0}, kBoundary - 1) + kPageSize);
  for (const Place& place : plan.regions) EXPECT_EQ(place.address % (16u << 20), 0u);
}

TEST(Plan, SmallRegionsAreWatchedWhole) {
  const Plan plan = plan_of({map_of(Region{0}, 3), map_of(Region{0}, 5)});
  EXPECT_EQ(plan.regions[0].pages, (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(plan.rows, 5u);
}

TEST(Plan, LargeRegionsAreWatchedWhereNamed) {
  Step write{.op = Op::write, .region = Region{0}, .first = 900, .last = 900};
  Step outside{.op = Op::write, .region = Region{0}, .first = 1000, .last = 1000};
  const Plan plan = plan_of({map_of(Region{0}, 1000), write, write, outside});
  EXPECT_EQ(plan.regions[0].pages, (std::vector<std::uint32_t>{900}));
}

TEST(Plan, WhatIsMovedHasRoom) {
  const Step remap{.op = Op::remap, .region = Region{0}, .to = Region{1}, .first = 2, .last = 5};
  const Plan plan = plan_of({map_of(Region{0}, 8), remap});
  EXPECT_EQ(plan.regions[1].pages, (std::vector<std::uint32_t>{0, 1, 2, 3}));
  const Step far{.op = Op::remap, .region = Region{0}, .to = Region{1}, .last = 0x7fffffff};
  const Plan clipped = plan_of({map_of(Region{0}, 8), far});
  EXPECT_EQ(clipped.regions[1].longest, kMaxPages);
  EXPECT_EQ(clipped.regions[1].pages, (std::vector<std::uint32_t>{0, kMaxPages - 1}));
}

}  // namespace
}  // namespace cow::kernel

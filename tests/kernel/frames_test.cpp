// Frames of the kernel stand for frames of the specification, one for one.
#include "kernel/frames.h"

#include <gtest/gtest.h>

namespace cow::kernel {
namespace {

TEST(FramePairs, OneForOne) {
  FramePairs pairs;
  EXPECT_FALSE(pairs.known(Frame{3}));
  EXPECT_EQ(pairs.meet(Frame{3}, 100), std::nullopt);
  EXPECT_TRUE(pairs.known(Frame{3}));
  EXPECT_EQ(pairs.meet(Frame{3}, 100), std::nullopt);
  EXPECT_EQ(pairs.meet(Frame{3}, 101), FramePairs::Clash::kernel_moved);
  EXPECT_EQ(pairs.meet(Frame{4}, 100), FramePairs::Clash::kernel_shares);
  EXPECT_EQ(pairs.meet(Frame{4}, 101), std::nullopt);
  EXPECT_EQ(pairs.meet(Frame{4}, 100), FramePairs::Clash::kernel_shares);
}

TEST(FramePairs, FreedFramesComeBackAsOthers) {
  FramePairs pairs;
  EXPECT_EQ(pairs.meet(Frame{1}, 10), std::nullopt);
  EXPECT_EQ(pairs.meet(Frame{2}, 20), std::nullopt);
  pairs.forget_freed([](Frame f) { return f == Frame{1}; });
  EXPECT_EQ(pairs.meet(Frame{5}, 10), std::nullopt);
  EXPECT_EQ(pairs.meet(Frame{1}, 11), std::nullopt);
  EXPECT_EQ(pairs.meet(Frame{2}, 21), FramePairs::Clash::kernel_moved);
}

}  // namespace
}  // namespace cow::kernel

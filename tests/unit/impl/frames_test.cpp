#include "impl/frames.h"

#include <gtest/gtest.h>

namespace cow::impl {
namespace {

TEST(Frames, FreedLastIsUsedFirst) {
  Frames f;
  f.reset(kEnoughFrames);
  const FrameNo one = f.alloc(Kind::anon), two = f.alloc(Kind::file);
  f.free(one);
  f.free(two);
  EXPECT_EQ(f.alloc(Kind::anon), two);
  EXPECT_EQ(f.alloc(Kind::anon), one);
  EXPECT_EQ(f.allocated(Kind::anon), 2u);
  EXPECT_EQ(f.allocated(Kind::file), 0u);
}

TEST(Frames, PagesStayInPlaceWhileTheArenaGrows) {
  Frames f;
  f.reset(kEnoughFrames);
  std::vector<std::uint8_t*> where;
  for (unsigned i = 1; i <= 1000; ++i) {
    const FrameNo page = f.alloc(Kind::anon);
    ASSERT_EQ(page, i);
    f.cell(page, 3) = static_cast<std::uint8_t>(i);
    where.push_back(f.bytes(page));
  }
  for (unsigned i = 1; i <= 1000; ++i) {
    EXPECT_EQ(f.bytes(i), where[i - 1]);
    EXPECT_EQ(f.bytes(i)[3072], static_cast<std::uint8_t>(i));
  }
}

TEST(Frames, RefusesAtTheLimitAndAtTheAnnouncedFailure) {
  Frames f;
  f.reset(2);
  f.fail_at(2);
  EXPECT_NE(f.alloc(Kind::anon), kNoPage);
  EXPECT_EQ(f.alloc(Kind::anon), kNoPage);
  EXPECT_NE(f.alloc(Kind::anon), kNoPage);
  EXPECT_EQ(f.alloc(Kind::anon), kNoPage);
  EXPECT_EQ(f.live(), 2u);
}

TEST(Frames, ResetForgetsEverything) {
  Frames f;
  f.reset(kEnoughFrames);
  f.bytes(kZeroPage)[17] = 1;
  f.alloc(Kind::anon);
  f.reset(kEnoughFrames);
  EXPECT_EQ(f.bytes(kZeroPage)[17], 0);
  EXPECT_EQ(f.live(), 0u);
  EXPECT_FALSE(f.known(1));
}

}  // namespace
}  // namespace cow::impl

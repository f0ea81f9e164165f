#include "impl/frames.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace cow::impl {
namespace {

TEST(Frames, FreedLastIsUsedFirst) {
  Frames<Threads> f;
  f.reset(kEnoughFrames);
  const FrameNo one = f.alloc(Kind::anon, 0), two = f.alloc(Kind::file, 0);
  f.free(one, 0);
  f.free(two, 0);
  EXPECT_EQ(f.alloc(Kind::anon, 0), two);
  EXPECT_EQ(f.alloc(Kind::anon, 0), one);
  EXPECT_EQ(f.allocated(Kind::anon), 2u);
  EXPECT_EQ(f.allocated(Kind::file), 0u);
}

TEST(Frames, PagesStayInPlaceWhileTheirNumberGrows) {
  Frames<Threads> f;
  f.reset(kEnoughFrames);
  std::vector<std::uint8_t*> where;
  for (unsigned i = 1; i <= 1000; ++i) {
    const FrameNo page = f.alloc(Kind::anon, 0);
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
  Frames<Threads> f;
  f.reset(2);
  f.fail_at(2);
  EXPECT_NE(f.alloc(Kind::anon, 0), kNoPage);
  EXPECT_EQ(f.alloc(Kind::anon, 0), kNoPage);
  EXPECT_NE(f.alloc(Kind::anon, 0), kNoPage);
  EXPECT_EQ(f.alloc(Kind::anon, 0), kNoPage);
  EXPECT_EQ(f.allocated(Kind::anon), 2u);
}

TEST(Frames, ResetForgetsEverything) {
  Frames<Threads> f;
  f.reset(kEnoughFrames);
  f.bytes(kZeroPage)[17] = 1;
  f.alloc(Kind::anon, 0);
  f.reset(kEnoughFrames);
  EXPECT_EQ(f.bytes(kZeroPage)[17], 0);
  EXPECT_EQ(f.allocated(Kind::anon), 0u);
  EXPECT_FALSE(f.known(1));
}

TEST(Frames, WhatOneCpuFreesAnotherGetsThroughThePool) {
  Frames<Threads> f;
  f.reset(kEnoughFrames);
  std::set<FrameNo> freed;
  for (unsigned i = 0; i < 200; ++i) freed.insert(f.alloc(Kind::anon, 0));
  for (const FrameNo page : freed) f.free(page, 1);
  EXPECT_EQ(f.allocated(Kind::anon), 0u);
  unsigned again = 0;
  for (unsigned i = 0; i < 200; ++i) again += freed.contains(f.alloc(Kind::anon, 2)) ? 1 : 0;
  EXPECT_GE(again, 128u);  // CPUs 0 and 1 keep some
}

TEST(Frames, AllEntriesTogetherHoldThePageOnce) {
  Frames<Threads> f;
  f.reset(kEnoughFrames);
  const FrameNo page = f.alloc(Kind::anon, 0);
  f.map_first(page, Kind::anon, false);
  f.add_mapping(page);
  f.get(page, 1024);
  EXPECT_EQ(mapcount_of(f.counts(page)), 2u);
  EXPECT_EQ(refcount_of(f.counts(page)), 1026u);
  f.remove_mapping(page, 0);
  f.remove_mapping(page, 0);
  EXPECT_EQ(refcount_of(f.counts(page)), 1024u);
  EXPECT_TRUE(f.try_get(page, 1));
  f.put(page, 1, 0);
  EXPECT_EQ(f.kind(page), Kind::anon);
  f.put(page, 1024, 0);
  EXPECT_EQ(f.kind(page), Kind::none);
  EXPECT_FALSE(f.try_get(page, 1));
}

TEST(Frames, SaysWhichPagesAreZeroAlready) {
  Frames<OneThread> f;
  f.reset(kEnoughFrames);
  bool is_zero = false;
  const FrameNo page = f.alloc(Kind::anon, 0, is_zero);
  EXPECT_TRUE(is_zero);
  f.free(page, 0);
  EXPECT_EQ(f.alloc(Kind::anon, 0, is_zero), page);
  EXPECT_FALSE(is_zero);
  f.reset(kEnoughFrames);
  f.alloc(Kind::anon, 0, is_zero);
  EXPECT_FALSE(is_zero);
}

}  // namespace
}  // namespace cow::impl

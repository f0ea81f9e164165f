// Outside of an exploration the policy is plain memory; within, its results are the same.
#include "explore/explored.h"

#include <gtest/gtest.h>

#include "explore/explore.h"

namespace cow::explore {
namespace {

using X = Explored;

void every_access() {
  std::uint16_t word = 5;
  EXPECT_EQ(X::load(word), 5);
  X::store(word, 6);
  EXPECT_EQ(X::fetch_add(word, 2), 6);
  EXPECT_EQ(X::fetch_sub(word, 1), 8);
  EXPECT_EQ(X::fetch_or(word, 8), 7);
  EXPECT_EQ(X::fetch_and(word, 12), 15);
  EXPECT_EQ(X::exchange(word, 1), 12);
  std::uint16_t expected = 2;
  EXPECT_FALSE(X::cas(word, expected, 3));
  EXPECT_EQ(expected, 1);
  EXPECT_TRUE(X::cas(word, expected, 3));
  EXPECT_EQ(word, 3);
  X::touch(&word, true);
  X::Lock lock;
  X::RwLock rw;
  lock.lock();
  lock.unlock();
  lock.lock();
  rw.lock_shared(0);
  rw.lock_shared(1);
  rw.unlock_shared(1);
  rw.unlock_shared(0);
  rw.lock();
  rw.unlock();
}

TEST(Explored, IsPlainMemoryOutside) { every_access(); }

TEST(Explored, IsTheSameInside) {
  const Totals totals = explore(
      {}, [] {}, {every_access},
      [](const Execution& execution) {
        EXPECT_EQ(execution.points.size(), 15u);
        EXPECT_FALSE(execution.deadlock);
        return true;
      });
  EXPECT_EQ(totals.executions, 1u);
}

TEST(Explored, PointsSayWhatTheyTouch) {
  unsigned word = 0;
  std::array<char, 16> bytes{};
  explore(
      {}, [] {}, {[&] {
        X::load(word);
        X::touch(bytes.data(), true);
      }},
      [&](const Execution& execution) {
        EXPECT_EQ(execution.points[0].address, &word);
        EXPECT_EQ(execution.points[0].kind, Kind::read);
        EXPECT_EQ(execution.points[1].address, bytes.data());
        EXPECT_EQ(execution.points[1].kind, Kind::write);
        return true;
      });
}

TEST(Explored, BodiesWithoutPointsRunOnce) {
  unsigned ran = 0;
  const Body body = [&] { ++ran; };
  EXPECT_EQ(explore(
                {}, [] {}, {body, body, body}, [](const Execution&) { return true; })
                .executions,
            1u);
  EXPECT_EQ(ran, 3u);
}

}  // namespace
}  // namespace cow::explore

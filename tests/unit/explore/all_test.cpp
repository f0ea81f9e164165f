// Programs whose classes of equivalent executions can be counted by hand, and algorithms of old.
#include <gtest/gtest.h>

#include "explore/explore.h"
#include "explore/explored.h"

namespace cow::explore {
namespace {

using X = Explored;

Totals all(const SetUp& set_up, const Bodies& bodies, const Finished& finished) {
  return explore({}, set_up, bodies, finished);
}
bool nothing(const Execution&) { return true; }

TEST(All, AnUpdateInTwoPartsIsLost) {
  unsigned counter = 0;
  bool lost = false;
  const Body body = [&] { X::store(counter, X::load(counter) + 1); };
  const Totals totals = all([&] { counter = 0; }, {body, body},
                            [&](const Execution&) {
                              lost = lost || counter == 1;
                              return true;
                            });
  EXPECT_TRUE(lost);
  EXPECT_TRUE(totals.complete);
  EXPECT_EQ(totals.executions, 4u);  // load load store store counts twice: who stores last
}

TEST(All, AnUpdateInOneIsNot) {
  unsigned counter = 0;
  const Body body = [&] { X::fetch_add(counter, 1); };
  const Totals totals = all([&] { counter = 0; }, {body, body, body},
                            [&](const Execution&) {
                              EXPECT_EQ(counter, 3u);
                              return true;
                            });
  EXPECT_EQ(totals.executions, 6u);
}

TEST(All, ReadersAndStrangersNeedOneExecution) {
  unsigned word = 0;
  std::array<unsigned, 3> own{};
  Bodies bodies;
  for (unsigned i = 0; i < 3; ++i)
    bodies.emplace_back([&, i] {
      for (unsigned times = 0; times < 5; ++times) X::store(own[i], X::load(word));
    });
  EXPECT_EQ(all([] {}, bodies, nothing).executions, 1u);
}

TEST(All, ALockOrdersWholeSections) {
  X::Lock lock;
  unsigned counter = 0;
  const Body body = [&] {
    lock.lock();
    for (unsigned times = 0; times < 4; ++times) X::store(counter, X::load(counter) + 1);
    lock.unlock();
  };
  const Totals totals = all([&] { counter = 0; }, {body, body, body},
                            [&](const Execution&) {
                              EXPECT_EQ(counter, 12u);
                              return true;
                            });
  EXPECT_EQ(totals.executions, 6u);
  EXPECT_EQ(totals.blocked, 0u);
}

TEST(All, ReadersGoTogetherAndAWriterAlone) {
  X::RwLock lock;
  unsigned word = 0;
  const Body reader = [&] {
    lock.lock_shared(0);
    const unsigned first = X::load(word);
    EXPECT_EQ(X::load(word), first);
    lock.unlock_shared(0);
  };
  const Body writer = [&] {
    lock.lock();
    X::store(word, X::load(word) + 1);
    X::store(word, X::load(word) + 1);
    lock.unlock();
  };
  const Totals totals = all([&] { word = 0; }, {reader, reader, writer},
                            [&](const Execution& execution) {
                              EXPECT_FALSE(execution.deadlock);
                              return true;
                            });
  EXPECT_EQ(totals.executions, 4u);  // each reader before or after the writer
}

// The mutual exclusion of Peterson, with which of its three accesses first?
Totals peterson(bool flag_first, unsigned* broken) {
  static std::array<unsigned, 2> wants;
  static unsigned turn, inside;
  const auto body = [=](unsigned me) {
    return [=] {
      if (flag_first) X::store(wants[me], 1);
      X::store(turn, 1 - me);
      if (!flag_first) X::store(wants[me], 1);
      if (X::load(wants[1 - me]) != 0 && X::load(turn) != me) return;  // does not wait: gives up
      if (X::fetch_add(inside, 1) != 0) ++*broken;
      X::fetch_sub(inside, 1);
      X::store(wants[me], 0);
    };
  };
  return all(
      [&] {
        wants = {};
        turn = inside = 0;
      },
      {body(0), body(1)}, nothing);
}

TEST(All, PetersonHoldsUnderSequentialConsistency) {
  unsigned broken = 0;
  EXPECT_TRUE(peterson(true, &broken).complete);
  EXPECT_EQ(broken, 0u);
}

TEST(All, PetersonWithTheTurnFirstDoesNot) {
  unsigned broken = 0;
  EXPECT_TRUE(peterson(false, &broken).complete);
  EXPECT_GT(broken, 0u);
}

TEST(All, DekkersFlagsAreNeverBothUnseen) {
  unsigned x = 0, y = 0, saw_y = 0, saw_x = 0;
  const Totals totals = all([&] { x = y = 0; },
                            {[&] {
                               X::store(x, 1);
                               saw_y = X::load(y);
                             },
                             [&] {
                               X::store(y, 1);
                               saw_x = X::load(x);
                             }},
                            [&](const Execution&) {
                              EXPECT_TRUE(saw_x == 1 || saw_y == 1);
                              return true;
                            });
  EXPECT_EQ(totals.executions, 3u);
}

TEST(All, FinishedMayEndIt) {
  unsigned counter = 0;
  const Body body = [&] { X::fetch_add(counter, 1); };
  const Totals totals = all([] {}, {body, body}, [](const Execution&) { return false; });
  EXPECT_EQ(totals.executions, 1u);
  EXPECT_FALSE(totals.complete);
}

}  // namespace
}  // namespace cow::explore

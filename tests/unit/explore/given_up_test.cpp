// Executions that cannot end are unwound: destructors run, nothing leaks, and the next one is
// sound.
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "explore/explore.h"
#include "explore/explored.h"

namespace cow::explore {
namespace {

using X = Explored;

struct TwoLocks {
  X::Lock first, second;
  unsigned alive = 0;

  Body body(bool turned) {
    return [this, turned] {
      const auto held = std::make_unique<std::string>(100, 'x');
      struct Counted {
        unsigned& count;
        explicit Counted(unsigned& of) : count(of) { ++count; }
        ~Counted() { --count; }
      } const counted(alive);
      const std::lock_guard outer(turned ? second : first);
      const std::lock_guard inner(turned ? first : second);
    };
  }
};

TEST(GivenUp, LocksInTwoOrdersAreADeadlock) {
  TwoLocks locks;
  unsigned deadlocks = 0;
  const Totals totals = explore(
      {}, [&] { locks = {}; }, {locks.body(false), locks.body(true)},
      [&](const Execution& execution) {
        deadlocks += execution.deadlock;
        EXPECT_EQ(locks.alive, 0u);
        return true;
      });
  EXPECT_EQ(deadlocks, 1u);
  EXPECT_EQ(totals.executions, 3u);
  EXPECT_TRUE(totals.complete);
}

TEST(GivenUp, ALockTakenTwiceIsADeadlock) {
  X::Lock lock;
  explore(
      {}, [&] { lock = {}; }, {[&] {
        lock.lock();
        lock.lock();
      }},
      [](const Execution& execution) {
        EXPECT_TRUE(execution.deadlock);
        return true;
      });
}

TEST(GivenUp, AReaderAgainBehindAWaitingWriterIsADeadlock) {
  X::RwLock lock;
  unsigned deadlocks = 0;
  explore(
      {}, [&] { lock = {}; },
      {[&] {
         lock.lock_shared(0);
         lock.lock_shared(0);
         lock.unlock_shared(0);
         lock.unlock_shared(0);
       },
       [&] {
         lock.lock();
         lock.unlock();
       }},
      [&](const Execution& execution) {
        deadlocks += execution.deadlock;
        return true;
      });
  EXPECT_EQ(deadlocks, 1u);
}

TEST(GivenUp, WaitingInALoopIsEndless) {
  unsigned flag = 0;
  unsigned endless = 0;
  const Totals totals = explore(
      {.executions = 10, .points = 100}, [&] { flag = 0; },
      {[&] {
         const std::string held(100, 'x');
         while (X::load(flag) == 0) {
         }
       },
       [&] { X::store(flag, 1); }},
      [&](const Execution& execution) {
        endless += execution.endless;
        EXPECT_LE(execution.points.size(), 100u);
        return true;
      });
  EXPECT_GT(endless, 0u);
  EXPECT_FALSE(totals.complete);
}

TEST(GivenUp, WhatABodyThrowsIsThrownAndTheOthersAreUnwound) {
  unsigned word = 0;
  auto held = std::make_shared<int>(1);
  const Body waits = [&] {
    const auto mine = held;
    EXPECT_GT(mine.use_count(), 1);
    X::fetch_add(word, 1);
    X::fetch_add(word, 1);
  };
  const Body throws = [&] {
    if (X::load(word) == 1) throw std::runtime_error("one");
  };
  EXPECT_THROW(explore(
                   {}, [&] { word = 0; }, {waits, throws}, [](const Execution&) { return true; }),
               std::runtime_error);
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_TRUE(explore(
                  {}, [] {}, {waits}, [](const Execution&) { return true; })
                  .complete);
}

TEST(GivenUp, ABodyThatThrowsBeforeItsFirstPoint) {
  unsigned word = 0;
  const Body good = [&] { X::load(word); };
  const Body bad = [] { throw std::runtime_error("at once"); };
  EXPECT_THROW(explore(
                   {}, [] {}, {good, bad, good}, [](const Execution&) { return true; }),
               std::runtime_error);
}

// Each fiber has exceptions of its own, also while another one runs.
TEST(GivenUp, PointsMayStandInHandlersAndDestructors) {
  unsigned word = 0;
  const auto body = [&](const char* mine) {
    return [&word, mine] {
      struct AtTheEnd {
        unsigned& word;
        ~AtTheEnd() { X::fetch_add(word, 1); }
      };
      try {
        const AtTheEnd end{word};
        throw std::runtime_error(mine);
      } catch (const std::runtime_error& caught) {
        X::fetch_add(word, 1);
        EXPECT_STREQ(caught.what(), mine);
      }
      EXPECT_EQ(std::uncaught_exceptions(), 0);
    };
  };
  const Totals totals = explore(
      {}, [&] { word = 0; }, {body("a"), body("b")},
      [&](const Execution&) {
        EXPECT_EQ(word, 4u);
        return true;
      });
  EXPECT_EQ(totals.executions, 6u);
}

TEST(GivenUp, BodiesThatDoNotRepeatAreRefused) {
  unsigned word = 0, runs = 0;
  const Body body = [&] {
    if (++runs > 2) return;
    X::fetch_add(word, 1);
    X::fetch_add(word, 1);
  };
  EXPECT_THROW(explore(
                   {}, [] {}, {body, body}, [](const Execution&) { return true; }),
               std::logic_error);
}

TEST(GivenUp, OneExplorationAtATimeInAThread) {
  const Body inner = [] {
    explore(
        {}, [] {}, {[] {}}, [](const Execution&) { return true; });
  };
  EXPECT_THROW(explore(
                   {}, [] {}, {inner}, [](const Execution&) { return true; }),
               std::logic_error);
  EXPECT_THROW(explore(
                   {}, [] {}, {}, [](const Execution&) { return true; }),
               std::invalid_argument);
}

}  // namespace
}  // namespace cow::explore

// Steps of which not everything is compared: what is promised of contents, and that a kernel that
// breaks it is told.
#include "kernel/beyond.h"

#include <gtest/gtest.h>

#include <random>

#include "kernel/contents_run.h"
#include "kernel/promised.h"
#include "trace/parse.h"

namespace cow::kernel {
namespace {

trace::Trace trace_of(const std::string& steps) {
  auto parsed = trace::parse("t.cow", "name t\nfile F 2 = 7\n" + steps, trace::NameRule::free);
  EXPECT_TRUE(std::holds_alternative<trace::Trace>(parsed)) << steps;
  return std::get<trace::Trace>(std::move(parsed));
}

class Beyonds : public testing::Test {
 protected:
  TraceRun run(const std::string& steps, const AfterStep& after = {}) {
    return run_contents(trace_of(steps), kRules.size() - 1, machine_, after);
  }
  Machine machine_{Sight::contents, std::chrono::seconds(5)};
};

#define STATUS_IS(taken, wanted)                                             \
  do {                                                                       \
    const TraceRun& got = taken;                                             \
    if (got.run.status == runner::Status::skip) GTEST_SKIP() << got.skipped; \
    EXPECT_EQ(got.run.status, wanted);                                       \
  } while (false)

TEST_F(Beyonds, AgreeWhereNothingIsSecret) {
  STATUS_IS(run("P0 map a anon private 2\nP0 write a = 1\nP0 advise a mergeable\n"
                "P0 remap a b\nP0 read b = 1\n"),
            runner::Status::ok);
}

TEST_F(Beyonds, AWrongValueIsToldWhereItIsRead) {
  const Step secret{.op = Op::write, .region = Region{1}, .value = 9};
  STATUS_IS(run("P0 map a anon private 2\nP0 write a = 1\nP0 advise a mergeable\n"
                "P0 remap a b\nP0 read b\n",
                [&](std::size_t i, Stage& stage) {
                  if (i == 3) stage.run(secret);
                }),
            runner::Status::fail);
}

TEST_F(Beyonds, AWrongValueIsToldThatNoStepReads) {
  const Step secret{.op = Op::write, .region = Region{0}, .first = 1, .last = 1, .value = 9};
  STATUS_IS(run("P0 map a anon private 2\nP0 advise a mergeable\n",
                [&](std::size_t i, Stage& stage) {
                  if (i == 1) stage.run(secret);
                }),
            runner::Status::fail);
}

TEST_F(Beyonds, ASignalIsToldThatShouldNotCome) {
  const Step secret{.op = Op::unmap, .region = Region{0}};
  STATUS_IS(run("P0 map a anon private 2\nP0 advise a mergeable\nP0 read a\n",
                [&](std::size_t i, Stage& stage) {
                  if (i == 1) stage.run(secret);
                }),
            runner::Status::fail);
}

// The promise alone, without a kernel.
class Promises : public testing::Test {
 protected:
  static constexpr Slot kSlot{Pid{0}, Region{0}, 0};
  Promised after(const std::string& steps) {
    const trace::Trace trace = trace_of(steps);
    const AnySteps all = any_steps_of(trace);
    EXPECT_EQ(all.cannot, "");
    Promised promised(trace.setup, plan_of(places_of(all.steps)));
    for (const AnyStep& any : all.steps) last_ = promised.run(any);
    return promised;
  }
  std::optional<Outcome> last_;
};

TEST_F(Promises, WhatWasGivenUpMayBeThereUntilItIsSeenToBeGone) {
  Promised p = after("P0 map a anon private 1\nP0 write a = 3\nP0 advise a free\n");
  EXPECT_EQ(p.values(kSlot, 0), "{0,3}");
  EXPECT_TRUE(p.admits(kSlot, 0, 0));
  EXPECT_FALSE(p.admits(kSlot, 0, 3));
}
TEST_F(Promises, AWriteAfterFreeKeepsTheBytesOrNot) {
  Promised p =
      after("P0 map a anon private 1\nP0 write a = 3\nP0 advise a free\nP0 write a.1 = 4\n");
  EXPECT_EQ(p.values(kSlot, 0), "{0,3}");
  EXPECT_EQ(p.values(kSlot, 1), "4");
}
TEST_F(Promises, ALockedPrivateFilePageMayStopFollowing) {
  const std::string map = "P0 map a file:F private 2\nP0 map g file:F shared 2\n";
  EXPECT_EQ(after(map + "P0 lock a\nP0 write g = 1\n").values(kSlot, 0), "{1,7}");
  EXPECT_EQ(after(map + "P0 write g = 1\nP0 advise a pageout\n").values(kSlot, 0), "1");
}
TEST_F(Promises, Refusals) {
  const std::string map = "P0 map a anon private 2\n";
  after(map + "P0 unmap a\nP0 remap a[0..1] b\n");
  EXPECT_EQ(last_, Outcome::segv);
  after(map + "P0 remap a[1..2] b\n");
  EXPECT_EQ(last_, Outcome::nosuch);
  after(map + "P0 map b anon private 1\nP0 remap a b\n");
  EXPECT_EQ(last_, Outcome::inval);
  const std::string lock = map + "P0 write a = 3\nP0 lock a[1]\n";
  EXPECT_EQ(after(lock + "P0 advise a[0..1] dontneed\n").values(kSlot, 0), "3");
  EXPECT_EQ(last_, Outcome::inval);
  after(lock + "P0 unmap a\nP0 advise a[0..1] dontneed\n");
  EXPECT_EQ(last_, Outcome::inval);
  EXPECT_EQ(after(lock + "P0 advise a[0..1] free\n").values(kSlot, 0), "{0,3}");
  EXPECT_EQ(last_, Outcome::inval);
  after(lock + "P0 remap a[0..1] b\nP0 advise b[1] dontneed\n");
  EXPECT_EQ(last_, Outcome::inval);
  after(map + "P0 lock a[1]\nP0 fork P1\nP1 advise a[0..1] dontneed\n");
  EXPECT_EQ(last_, std::nullopt);
}

TEST_F(Promises, AMarkedPageIsDelivered) {
  const std::string map = "P0 map a anon private 2\nP0 write a = 1\nP0 uffd-wp a[0..1] on\n";
  after(map + "P0 write a = 2\n");
  EXPECT_EQ(last_, Outcome::uffd);
  EXPECT_EQ(after(map + "P0 write a = 2\n").values(kSlot, 0), "1");
  after(map + "P0 force-write a = 2\n");
  EXPECT_EQ(last_, Outcome::segv);
  after(map + "P0 fork P1\nP1 write a = 2\n");
  EXPECT_EQ(last_, std::nullopt);
  after(map + "P0 uffd-wp a off\nP0 write a = 2\n");
  EXPECT_EQ(last_, std::nullopt);
  after(map + "P0 protect a ro\nP0 write a = 2\n");
  EXPECT_EQ(last_, Outcome::segv);
}
// Whether an entry that may be absent has a mark is the kernel's affair, until it is seen.
TEST_F(Promises, AMarkWithoutAnEntryMayBeNone) {
  const std::string steps =
      "P0 map a anon private 1\nP0 write a = 1\nP0 uffd-wp a on\nP0 advise a dontneed\n";
  const AnyStep write{{.op = Op::write, .value = 9}, Beyond::none, {}};
  Promised seen = after(steps), unseen = after(steps);
  EXPECT_EQ(seen.run(write, any_of(Outcome::sigbus)), Outcome::uffd);
  EXPECT_EQ(seen.values(kSlot, 0), "0");
  EXPECT_EQ(seen.run(write, any_of(Outcome::hit)), Outcome::uffd);  // by now it is known
  EXPECT_EQ(unseen.run(write, any_of(Outcome::fresh)), std::nullopt);
  EXPECT_EQ(unseen.values(kSlot, 0), "9");
}
TEST_F(Promises, TheSystemMayDeclineAndChangesNothing) {
  const std::string map = "P0 map a anon private 2\nP0 write a = 1\nP0 fork P1\n";
  EXPECT_EQ(after(map + "sys swapout P0.a\nsys ksm P0.a P1.a\n").values(kSlot, 0), "1");
  EXPECT_EQ(last_, std::nullopt);
  after(map + "P0 unmap a[1]\nsys swapout P0.a[1]\n");
  EXPECT_EQ(last_, Outcome::segv);
  after(map + "sys ksm P0.a P0.a[2]\n");
  EXPECT_EQ(last_, Outcome::nosuch);
  after(map + "P1 exit\nsys ksm P0.a P1.a\n");
  EXPECT_EQ(last_, Outcome::nosuch);
}
TEST_F(Promises, HugetlbMemoryCannotBeWiped) {
  const std::string map = "P0 map a anon private 512 hugetlb\nP0 write a = 1\n";
  after(map + "P0 advise a[0..511] wipeonfork\n");
  EXPECT_EQ(last_, Outcome::inval);
  after(map + "P0 advise a[0..511] free\n");
  EXPECT_EQ(last_, Outcome::inval);
}

// Random steps over two regions and three processes, a file and shared memory among them.
std::string random_steps(std::mt19937& random, int steps) {
  const auto pick = [&](std::initializer_list<const char*> words) {
    return std::string(words.begin()[random() % words.size()]);
  };
  const auto process = [&] { return pick({"P0", "P0", "P1", "P2"}) + " "; };
  const auto page = [&] { return pick({"a", "a[1]", "b", "b[1]", "c", "c[1]"}); };
  const auto range = [&] { return pick({"a[0..1]", "b[0..1]", "c[0..1]", "a", "b[1]", "c"}); };
  const auto number = [&] { return std::to_string(random() % 256); };
  std::string text = "P0 map a anon private 2\nP0 map b file:F private 2\n";
  for (int i = 0; i < steps; ++i) {
    switch (random() % 13) {
      case 0: text += process() + "fork " + pick({"P1", "P2"}); break;
      case 1:
        text += process() + "map " + pick({"a", "b", "c"}) + " " +
                pick({"anon private 2", "anon shared 2", "file:F private 2", "file:F shared 2"});
        break;
      case 2: text += process() + "remap " + page() + " " + pick({"a", "b", "c"}); break;
      case 3: text += process() + pick({"lock ", "unlock "}) + page(); break;
      case 4:
      case 5:
        text += process() + "advise " + range() + " " +
                pick({"free", "dontneed", "pageout", "mergeable", "unmergeable", "hugepage",
                      "nohugepage", "collapse", "dontfork", "dofork", "wipeonfork", "keeponfork"});
        break;
      case 6: text += process() + "protect " + page() + " " + pick({"ro", "rw", "rw"}); break;
      case 7: text += process() + (random() % 2 == 0 ? "unmap " + page() : pick({"exit"})); break;
      case 8: text += process() + "force-write " + page() + " = " + number(); break;
      case 9: text += process() + "read " + page(); break;
      case 10:
        text +=
            process() + "uffd-wp " + pick({"a", "a[1]", "a[0..1]"}) + pick({" on", " on", " off"});
        break;
      default: text += process() + "write " + page() + " = " + number();
    }
    text += "\n";
  }
  return text + "P0 advise a mergeable\n";
}

TEST_F(Beyonds, RandomStepsAgree) {
  std::mt19937 random(1);
  std::size_t steps = 0, cannot = 0;
  std::string why;
  for (int i = 0; i < 400; ++i) {
    const std::string text = random_steps(random, 25);
    const TraceRun r = run(text);
    steps += r.steps;
    if (r.run.status == runner::Status::skip) {
      ++cannot;
      why = r.skipped;
      continue;
    }
    ASSERT_TRUE(r.run.failures.empty())
        << r.run.failures[0].line << ": " << r.run.failures[0].expected << " / "
        << r.run.failures[0].seen << "\n"
        << text;
  }
  RecordProperty("steps", static_cast<int>(steps));
  RecordProperty("given_up", static_cast<int>(cannot));
  if (cannot == 400) GTEST_SKIP() << why;
}

}  // namespace
}  // namespace cow::kernel

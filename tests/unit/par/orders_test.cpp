// Which executions the specification allows.
#include "par/orders.h"

#include "programs.h"

namespace cow::par {
namespace {

using judge::Verdict;
using Words = std::vector<std::string>;

TEST(Orders, TwoThreadsWriteOneSharedPage) {
  const Program p(
      "P0 map a anon private 1\nP0 write a = 1\nP0 fork P1\n"
      "par\nP0 write a = 2\n||\nP0@1 write a.1 = 3\nend\n");
  for (const Rules& rules : kRules) {
    const Orders orders = p.orders(rules.name);
    expect_no_disagreement(orders);
    EXPECT_EQ(outcomes_of(orders), (Words{"copied | hit", "hit | copied"})) << rules.name;
    EXPECT_FALSE(shows(orders, Verdict::missed)) << rules.name;
    EXPECT_FALSE(shows(orders, Verdict::unnecessary)) << rules.name;
    for (const Orders::Final& f : orders.finals())
      EXPECT_EQ(f.world.machine.page(f.world.machine.pte({}).frame).cells,
                (std::array<std::uint8_t, kCells>{2, 3, 0, 0}));
  }
}

TEST(Orders, ParentAndChildBothCopyIfTheyMeet) {
  const Program p(
      "P0 map a anon private 1\nP0 write a = 1\nP0 fork P1\n"
      "par\nP0 write a = 2\n||\nP1 write a = 3\nend\n");
  const Orders orders = p.orders("5.14");
  expect_no_disagreement(orders);
  EXPECT_EQ(outcomes_of(orders), (Words{"copied | copied", "copied | reused", "reused | copied"}));
  EXPECT_TRUE(shows(orders, Verdict::unnecessary));
  EXPECT_FALSE(shows(orders, Verdict::missed));
}

TEST(Orders, ForkTakesAWriteOrNot) {
  const Program p(
      "P0 map a anon private 1\nP0 write a = 0\n"
      "par\nP0 fork P1\nP1 read a\n||\nP0@1 write a = 1\nend\n");
  const Orders orders = p.orders("5.14");
  expect_no_disagreement(orders);
  EXPECT_EQ(outcomes_of(orders), (Words{"ok, hit 0 | copied", "ok, hit 1 | hit"}));
}

TEST(Orders, UnmapAgainstARead) {
  const Program p(
      "P0 map a anon private 1\nP0 write a = 7\n"
      "par\nP0 unmap a\n||\nP0@1 read a\nend\n");
  const Orders orders = p.orders("6.15");
  expect_no_disagreement(orders);
  EXPECT_EQ(outcomes_of(orders), (Words{"ok | hit 7", "ok | segv"}));
}

TEST(Orders, UnderRule57AStaleTranslationShowsAnothersWrite) {
  const Program p(
      "P0 map a anon private 1\nP0 write a = 1\nP0 fork P1\n"
      "par\nP0 unmap a\n||\nP0@1 read a\n||\nP1 write a = 2\nend\n");
  EXPECT_TRUE(shows(p.orders("5.7"), Verdict::missed));
  for (const char* rules : {"5.14", "5.18", "5.19", "6.15"})
    EXPECT_FALSE(shows(p.orders(rules), Verdict::missed)) << rules;
}

TEST(Orders, OneFrameForTwoCopies) {
  const Program p(
      "frames 2\nP0 map a anon private 1\nP0 write a = 1\nP0 fork P1\n"
      "par\nP0 write a = 2\n||\nP1 write a = 3\nend\n");
  const Orders orders = p.orders("5.14");
  expect_no_disagreement(orders);
  EXPECT_EQ(outcomes_of(orders),
            (Words{"copied | oom", "copied | reused", "oom | copied", "reused | copied"}));
}

TEST(Orders, AFastPinWaitsForFork) {
  const Program p(
      "P0 map a anon private 1\nP0 write a = 1\n"
      "par\nP0 fork P1\n||\nP0@1 pin k a rw fast\nend\n");
  for (const Rules& rules : kRules) {
    const Orders orders = p.orders(rules.name);
    expect_no_disagreement(orders);
    EXPECT_EQ(outcomes_of(orders), (Words{"ok | ok"}));
    EXPECT_FALSE(shows(orders, Verdict::wrong)) << rules.name;
  }
}

TEST(Orders, StepsOfAProcessThatExited) {
  const Program p(
      "P0 map a anon private 1\nP0 write a = 1\n"
      "par\nP0 exit\n||\nP0@1 read a\nP0@1 read a\nend\n");
  EXPECT_EQ(outcomes_of(p.orders("5.14")),
            (Words{"ok | hit 1, hit 1", "ok | hit 1, nosuch", "ok | nosuch, nosuch"}));
}

}  // namespace
}  // namespace cow::par

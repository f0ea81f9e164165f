// The conformance scenarios, as direct steps, under every rule set.
#include "steps.h"

namespace cow::test {
namespace {

class Scenario : public testing::TestWithParam<std::string_view> {
 protected:
  bool rule_is(std::string_view name) const { return GetParam() == name; }
};
INSTANTIATE_TEST_SUITE_P(Rules, Scenario, testing::Values("5.7", "5.14", "5.18", "5.19", "6.15"));

TEST_P(Scenario, ExitThenReuse) {
  Checked m(GetParam());
  m(map_anon(P0, a, 1));
  EXPECT_EQ(m.outcome(write(P0, {a}, 1)), Outcome::fresh);
  EXPECT_EQ(m.outcome(fork(P0, P1)), Outcome::ok);
  EXPECT_EQ(m.outcome(fork(P1, P2)), Outcome::ok);
  EXPECT_EQ(m.outcome(exit(P1)), Outcome::ok);
  EXPECT_EQ(m.outcome(write(P0, {a}, 2)), Outcome::copied);
  EXPECT_EQ(m.outcome(write(P2, {a}, 3)), Outcome::reused);  // EXIT-2
  EXPECT_EQ(m.outcome(exit(P2)), Outcome::ok);
  EXPECT_EQ(m.outcome(write(P0, {a}, 4)), Outcome::hit);
  EXPECT_EQ(m.machine.allocated(Kind::anon), 1u);
}

TEST_P(Scenario, ForkThenWrite) {
  Checked m(GetParam());
  m(map_anon(P0, a, 1));
  m(write(P0, {a}, 1));
  m(fork(P0, P1));
  EXPECT_EQ(m.outcome(write(P0, {a}, 2)), Outcome::copied);
  EXPECT_EQ(m(read(P1, {a})), saw(Outcome::hit, 1));
  EXPECT_EQ(m.outcome(write(P1, {a}, 3)), Outcome::reused);
  EXPECT_EQ(m(read(P0, {a})), saw(Outcome::hit, 2));
  EXPECT_NE(m.frame(P0, {a}), m.frame(P1, {a}));
  EXPECT_EQ(m.page(P0, {a}).mapcount, 1u);
  EXPECT_EQ(m.machine.rss(P1).anon, 1u);
}

TEST_P(Scenario, PinGoesStale) {
  Checked m(GetParam());
  m(map_anon(P0, a, 1));
  m(write(P0, {a}, 1));
  EXPECT_EQ(m.outcome(pin(P0, k, {a}, Prot::rw)), Outcome::ok);
  m(protect(P0, {a, 0, 0}, Prot::ro));
  m(protect(P0, {a, 0, 0}, Prot::rw));
  const bool copies = rule_is("5.14") || rule_is("5.18");
  const Outcome kept = rule_is("6.15") ? Outcome::hit : Outcome::reused;
  EXPECT_EQ(m.outcome(write(P0, {a}, 2)), copies ? Outcome::copied : kept);
  EXPECT_EQ(m(through(Op::ref_read, k)), saw(Outcome::ok, copies ? 1 : 2));
}

TEST_P(Scenario, PrivateFileWrite) {
  Checked m(GetParam(), files(1, 9));
  m(map_file(P0, a, 1, Share::private_));
  m(map_file(P0, b, 1, Share::shared));
  EXPECT_EQ(m(read(P0, {a})), saw(Outcome::filled, 9));
  EXPECT_EQ(m(read(P0, {b})), saw(Outcome::filled, 9));
  EXPECT_EQ(m.frame(P0, {a}), m.frame(P0, {b}));
  EXPECT_EQ(m.outcome(write(P0, {a}, 4)), Outcome::copied);
  EXPECT_EQ(m(read(P0, {b})), saw(Outcome::hit, 9));  // FILE-1
  EXPECT_EQ(m.outcome(write(P0, {b}, 5)), Outcome::enabled);
  EXPECT_EQ(m(read(P0, {a})), saw(Outcome::hit, 4));
  EXPECT_EQ(m.page(P0, {a}).kind, Kind::anon);
  EXPECT_EQ(m.machine.rss(P0), (Rss{1, 1, 0}));  // CNT-4
}

TEST_P(Scenario, StrayReference) {
  Checked m(GetParam());
  m(map_anon(P0, a, 1));
  m(write(P0, {a}, 1));
  m(fork(P0, P1));
  m(exit(P1));
  EXPECT_EQ(m.outcome(sys_ref(P0, {a})), Outcome::ok);
  EXPECT_EQ(m.outcome(write(P0, {a}, 2)), rule_is("5.7") ? Outcome::reused : Outcome::copied);
}

TEST_P(Scenario, VmspliceChildUnmaps) {
  Checked m(GetParam());
  m(map_anon(P0, a, 1));
  m(write(P0, {a}, 1));
  m(fork(P0, P1));
  EXPECT_EQ(m.outcome(pin(P1, k, {a}, Prot::ro, How::get)), Outcome::ok);
  m(unmap(P1, {a, 0, 0}));
  EXPECT_EQ(m.outcome(write(P0, {a}, 2)), rule_is("5.7") ? Outcome::reused : Outcome::copied);
  EXPECT_EQ(m(through(Op::ref_read, k)), saw(Outcome::ok, rule_is("5.7") ? 2 : 1));
}

TEST_P(Scenario, WriteToNothing) {
  Checked m(GetParam());
  EXPECT_EQ(m.outcome(write(P0, {a}, 1)), Outcome::nosuch);
  EXPECT_EQ(m.outcome(exit(Pid{7})), Outcome::nosuch);
  EXPECT_EQ(m.outcome(map_anon(P0, a, 1, Prot::ro)), Outcome::ok);
  EXPECT_EQ(m.outcome(write(P0, {a}, 1)), Outcome::segv);
  EXPECT_EQ(m.outcome(read(P0, {a, 5})), Outcome::nosuch);
  EXPECT_EQ(m.outcome(unmap(P0, {a, 0, 0})), Outcome::ok);
  EXPECT_EQ(m(read(P0, {a})), (Result{Outcome::segv}));
}

TEST_P(Scenario, ZeroPageThenWrite) {
  Checked m(GetParam());
  m(map_anon(P0, a, 2));
  EXPECT_EQ(m(read(P0, {a})), saw(Outcome::zero, 0));
  EXPECT_EQ(m(read(P0, {a, 1})), saw(Outcome::zero, 0));
  EXPECT_EQ(m.frame(P0, {a}), m.frame(P0, {a, 1}));
  EXPECT_EQ(m.machine.rss(P0).anon, 0u);
  EXPECT_EQ(m.outcome(write(P0, {a}, 7)), Outcome::copied);
  EXPECT_EQ(m(read(P0, {a, 1})), saw(Outcome::hit, 0));
  EXPECT_EQ(m.page(P0, {a, 1}).kind, Kind::zero);
  EXPECT_EQ(m.machine.rss(P0).anon, 1u);
}

}  // namespace
}  // namespace cow::test

// How areas split and merge, seen through what fork copies. SEMANTICS 1.4a
#include "steps.h"

namespace cow::test {
namespace {

// Whether fork copied page 0's zero-page entry: the child's read is then a hit.
Outcome childs_read(Checked& m, Pid parent, Pid child) {
  EXPECT_EQ(m.outcome(fork(parent, child)), Outcome::ok);
  return m.outcome(read(child, {a}));
}

TEST(Areas, AWriteMakesTheWholeAreaCopied) {
  Checked m;
  m(map_anon(P0, a, 2));
  m(read(P0, {a}));
  m(write(P0, {a, 1}, 1));
  EXPECT_EQ(childs_read(m, P0, P1), Outcome::hit);
}

TEST(Areas, AnUntouchedAreaIsNotCopied) {
  Checked m;
  m(map_anon(P0, a, 2));
  m(read(P0, {a}));
  EXPECT_EQ(childs_read(m, P0, P1), Outcome::zero);  // FORK-5
}

TEST(Areas, ASplitBeforeTheWriteKeepsThePartUntouched) {
  Checked m;
  m(map_anon(P0, a, 2));
  m(read(P0, {a}));
  m(protect(P0, {a, 0, 0}, Prot::ro));
  m(write(P0, {a, 1}, 1));
  EXPECT_EQ(childs_read(m, P0, P1), Outcome::zero);
}

TEST(Areas, LiftingTheProtectionMergesAgain) {
  Checked m;
  m(map_anon(P0, a, 2));
  m(read(P0, {a}));
  m(protect(P0, {a, 0, 0}, Prot::ro));
  m(write(P0, {a, 1}, 1));
  m(protect(P0, {a, 0, 0}, Prot::rw));
  EXPECT_EQ(m.machine.areas(P0, a)->size(), 1u);
  EXPECT_EQ(childs_read(m, P0, P1), Outcome::hit);
}

TEST(Areas, ATouchedPieceMergesIntoAnUntouchedNeighbourFrom615On) {
  for (const char* rule : {"5.14", "6.15"}) {
    Checked m(rule);
    m(map_anon(P0, a, 2));
    m(read(P0, {a}));
    m(protect(P0, {a, 1, 1}, Prot::ro));
    m(force_write(P0, {a, 1}, 1));
    m(protect(P0, {a, 1, 1}, Prot::rw));  // the touched one changes
    const bool merges = rule == std::string_view("6.15");
    EXPECT_EQ(m.machine.areas(P0, a)->size(), merges ? 1u : 2u) << rule;
    EXPECT_EQ(childs_read(m, P0, P1), merges ? Outcome::hit : Outcome::zero) << rule;
  }
}

TEST(Areas, AnInheritedPartAndAnEmptyOneDoNotMerge) {
  for (const char* rule : {"5.14", "6.15"}) {
    Checked m(rule);
    m(map_anon(P0, a, 2));
    m(read(P0, {a}));
    m(protect(P0, {a, 0, 0}, Prot::ro));
    m(write(P0, {a, 1}, 1));
    m(fork(P0, P1));
    m(read(P1, {a}));
    m(protect(P1, {a, 0, 0}, Prot::rw));
    EXPECT_EQ(m.machine.areas(P1, a)->size(), 2u) << rule;
    EXPECT_EQ(childs_read(m, P1, P2), Outcome::zero) << rule;
  }
}

TEST(Areas, ARefusedPrivateFileWriteStillMakesTheAnonVma) {
  Checked m("5.14", files(1, 9));
  m(map_file(P0, a, 2, Share::private_));
  m(read(P0, {a}));
  EXPECT_EQ(m.outcome(write(P0, {a, 1}, 1)), Outcome::sigbus);
  EXPECT_EQ(childs_read(m, P0, P1), Outcome::hit);
}

TEST(Areas, DontforkAndWipeonforkSplitToo) {
  Checked m;
  m(map_anon(P0, a, 3));
  for (std::uint32_t page = 0; page < 3; ++page) m(write(P0, {a, page}, 1));
  m(advise(P0, {a, 0, 0}, Advice::dontfork));
  m(advise(P0, {a, 2, 2}, Advice::wipeonfork));
  m(fork(P0, P1));
  EXPECT_EQ(m(read(P1, {a, 0})), (Result{Outcome::segv}));
  EXPECT_EQ(m(read(P1, {a, 1})), saw(Outcome::hit, 1));
  EXPECT_EQ(m(read(P1, {a, 2})), saw(Outcome::zero, 0));  // FORK-3
  m(write(P1, {a, 2}, 5));
  m(fork(P1, P2));
  EXPECT_EQ(m(read(P2, {a, 2})), saw(Outcome::zero, 0));  // the flag is inherited
}

TEST(Areas, UnmapSplitsAndNeverMerges) {
  Checked m;
  m(map_anon(P0, a, 5));
  m(write(P0, {a, 0}, 1));
  m(unmap(P0, {a, 2, 2}));
  EXPECT_EQ(m.machine.areas(P0, a)->size(), 2u);
  EXPECT_EQ(m.pte(P0, {a, 2}).mapped, Mapped::gone);
  EXPECT_EQ(m.outcome(protect(P0, {a, 1, 3}, Prot::ro)), Outcome::segv);
  EXPECT_EQ(m.outcome(write(P0, {a, 3}, 1)), Outcome::fresh);  // nothing was protected
}

}  // namespace
}  // namespace cow::test

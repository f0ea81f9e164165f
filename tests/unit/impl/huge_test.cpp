// Huge pages: what real kernels gave for these steps, under the rules of 5.14 and 6.15.
#include "steps.h"

namespace cow::test {
namespace {

constexpr std::uint32_t kPages = 512;
constexpr Range kAll{a, 0, kPages - 1};

Step map_huge(Pid p, Region r, std::uint32_t pages = kPages) {
  Step s = map_anon(p, r, pages);
  s.huge = true;
  return s;
}

class Huge : public testing::TestWithParam<std::string_view> {
 protected:
  Huge() { EXPECT_EQ(m.outcome(map_huge(P0, a)), Outcome::ok); }

  bool is_514() const { return GetParam() == "5.14"; }
  Outcome by_rules(Outcome old, Outcome now) const { return is_514() ? old : now; }
  Outcome write_to(Pid p, std::uint32_t page, std::uint8_t value = 7, Region r = a) {
    return m.outcome(write(p, {r, page}, value));
  }
  Outcome read_of(Pid p, std::uint32_t page, Region r = a) { return m.outcome(read(p, {r, page})); }
  void run(const Step& s) { EXPECT_EQ(m.outcome(s), Outcome::ok); }
  void get(Pid p) { run(pin(p, k, {a}, Prot::ro, How::get)); }

  Checked m{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Rules, Huge, testing::Values("5.14", "6.15"),
                         [](const auto& rules) { return rules.param == "5.14" ? "R514" : "R615"; });

// HUGE-4 HUGE-5
TEST_P(Huge, AReferenceThatAChildLeftCountsForAll) {
  EXPECT_EQ(write_to(P0, 0, 1), Outcome::fresh);
  EXPECT_TRUE(m.pte(P0, {a, 511}).huge);
  EXPECT_EQ(m.page(P0, {a, 9}).refcount, 1u);
  run(fork(P0, P1));
  EXPECT_TRUE(m.pte(P1, {a}).huge);
  get(P1);
  run(unmap(P1, kAll));
  EXPECT_EQ(write_to(P0, 0, 2), by_rules(Outcome::reused, Outcome::copied));
  EXPECT_EQ(m(through(Op::ref_read, k)), saw(Outcome::ok, is_514() ? 2 : 1));
  run(through(Op::unpin, k));
  run(exit(P0));
  EXPECT_EQ(m.machine.allocated(Kind::anon), 0u);
}

// HUGE-1
TEST_P(Huge, AWriteToASharedOneCopiesABasePage) {
  EXPECT_EQ(write_to(P0, 0, 1), Outcome::fresh);
  EXPECT_EQ(write_to(P0, 5, 2), Outcome::hit);
  run(fork(P0, P1));
  EXPECT_EQ(write_to(P0, 0, 3), Outcome::copied);
  EXPECT_FALSE(m.pte(P0, {a, 5}).huge);
  EXPECT_TRUE(m.pte(P1, {a, 5}).huge);
  EXPECT_EQ(write_to(P0, 5), Outcome::copied);
  EXPECT_EQ(write_to(P1, 5), Outcome::copied);
  for (const std::uint32_t page : {0u, 5u}) {
    EXPECT_NE(m.frame(P0, {a, page}), m.frame(P1, {a, page}));
    for (const Pid p : {P0, P1}) EXPECT_EQ(m.page(p, {a, page}).mapcount, 1u);
  }
}

// HUGE-5
TEST_P(Huge, APageOfALargeFolioAsksForTheFolio) {
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  run(fork(P0, P1));
  EXPECT_EQ(write_to(P0, 0), Outcome::copied);
  run(exit(P1));
  EXPECT_EQ(write_to(P0, 5), by_rules(Outcome::copied, Outcome::reused));
  EXPECT_EQ(write_to(P0, 6), by_rules(Outcome::copied, Outcome::reused));
}

// HUGE-4
TEST_P(Huge, AHugePageThatNobodySharesAnyMoreIsReusedWhole) {
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  run(fork(P0, P1));
  run(exit(P1));
  EXPECT_EQ(write_to(P0, 9), Outcome::reused);
  EXPECT_EQ(write_to(P0, 10), Outcome::hit);
}

TEST_P(Huge, TheHugeZeroPageIsSplitOrGivesWayToAHugePage) {
  EXPECT_EQ(read_of(P0, 0), Outcome::zero);
  run(fork(P0, P1));
  EXPECT_EQ(write_to(P0, 0), Outcome::copied);
  EXPECT_EQ(read_of(P1, 0), Outcome::hit);
  EXPECT_EQ(read_of(P0, 3), Outcome::hit);
  EXPECT_EQ(write_to(P1, 3), Outcome::copied);
  const Kind kind = is_514() ? Kind::zero : Kind::anon;
  EXPECT_EQ(m.page(P0, {a, 3}).kind, kind);
  EXPECT_EQ(m.page(P1, {a, 0}).kind, kind);
  EXPECT_EQ(m.pte(P0, {a, 7}).huge, !is_514());
}

// HUGE-2
TEST_P(Huge, AForkOfAPinnedOneSplitsItAndCopiesItsPages) {
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  EXPECT_EQ(write_to(P0, 5), Outcome::hit);
  run(pin(P0, k, {a}, Prot::rw));
  EXPECT_EQ(m.page(P0, {a, 77}).pins, 1u);
  run(fork(P0, P1));
  EXPECT_FALSE(m.pte(P0, {a}).huge);
  for (const std::uint32_t page : {0u, 5u}) {
    EXPECT_EQ(write_to(P0, page), Outcome::hit);
    EXPECT_EQ(read_of(P1, page), Outcome::hit);
    EXPECT_NE(m.frame(P0, {a, page}), m.frame(P1, {a, page}));
    for (const Pid p : {P0, P1}) EXPECT_EQ(m.page(p, {a, page}).mapcount, 1u);
  }
}

// HUGE-6
TEST_P(Huge, ProtectionOfAPartSplits) {
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  run(protect(P0, {a, 511, 511}, Prot::rw));
  EXPECT_TRUE(m.pte(P0, {a}).huge);  // as it was
  run(protect(P0, {a, 511, 511}, Prot::ro));
  EXPECT_FALSE(m.pte(P0, {a}).huge);
  run(fork(P0, P1));
  get(P1);
  run(unmap(P1, kAll));
  EXPECT_EQ(write_to(P0, 0), Outcome::copied);
}

TEST_P(Huge, ARemapOfAPartSplits) {
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  EXPECT_EQ(write_to(P0, 300, 2), Outcome::hit);
  run(remap(P0, {a, 256, 511}, b));
  EXPECT_EQ(m(read(P0, {b, 44})), saw(Outcome::hit, 2));
  run(fork(P0, P1));
  get(P1);
  run(unmap(P1, {a, 0, 255}));
  run(unmap(P1, {b, 0, 255}));
  EXPECT_EQ(write_to(P0, 0), Outcome::copied);
  EXPECT_EQ(write_to(P0, 44, 7, b), Outcome::copied);
}

TEST_P(Huge, ARemapOfAllMovesItWhole) {
  EXPECT_EQ(write_to(P0, 3), Outcome::fresh);
  run(remap(P0, kAll, b));
  EXPECT_TRUE(m.pte(P0, {b, 3}).huge);
  EXPECT_EQ(write_to(P0, 3, 7, b), Outcome::hit);
}

TEST_P(Huge, WhatIsLeftOfOneIsStillALargeFolio) {
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  run(unmap(P0, {a, 1, 511}));
  EXPECT_EQ(m.machine.allocated(Kind::anon), kPages);
  run(fork(P0, P1));
  get(P1);
  run(unmap(P1, {a, 0, 0}));
  EXPECT_EQ(write_to(P0, 0), Outcome::copied);
}

TEST_P(Huge, ProtectionOfAllLeavesItHuge) {
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  run(pin(P0, k, {a}, Prot::rw));
  run(protect(P0, kAll, Prot::ro));
  run(protect(P0, kAll, Prot::rw));
  EXPECT_EQ(write_to(P0, 0), by_rules(Outcome::reused, Outcome::hit));
}

TEST_P(Huge, AForkThatSharesAPartOfOneLeavesTheRestExclusive) {
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  EXPECT_EQ(write_to(P0, 1), Outcome::hit);
  run(advise(P0, {a, 1, 511}, Advice::dontfork));
  run(fork(P0, P1));
  run(exit(P1));
  run(advise(P0, {a, 1, 511}, Advice::dofork));
  EXPECT_EQ(write_to(P0, 0), by_rules(Outcome::copied, Outcome::reused));
  EXPECT_EQ(write_to(P0, 1), Outcome::hit);
}

TEST_P(Huge, PageoutMakesOrdinaryPages) {
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  run(advise(P0, kAll, Advice::pageout));
  EXPECT_TRUE(m.pte(P0, {a, 5}).swapped);
  EXPECT_EQ(m.machine.allocated(Kind::anon), 0u);
  run(fork(P0, P1));
  get(P1);
  run(unmap(P1, kAll));
  EXPECT_EQ(write_to(P0, 0), by_rules(Outcome::reused, Outcome::copied));
}

TEST_P(Huge, MigrationMovesAllOfIt) {
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  run(fork(P0, P1));
  EXPECT_EQ(write_to(P0, 9), Outcome::copied);
  const Frame before = m.frame(P0, {a, 3});
  run(sys_migrate(P0, {a, 5}));
  EXPECT_NE(m.frame(P0, {a, 3}), before);
  EXPECT_TRUE(m.pte(P1, {a, 3}).huge);
  EXPECT_EQ(m.page(P1, {a, 3}).refcount, 512u);  // 511 entries of P0's, and a PMD
}

TEST_P(Huge, WhereMemoryLacksSmallPagesCome) {
  m.reset(GetParam(), cow::Setup{{}, kPages - 1});
  run(map_huge(P0, a));
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  EXPECT_FALSE(m.pte(P0, {a}).huge);
  EXPECT_FALSE(m.pte(P0, {a, 1}).present);
}

// A place of small pages stays one, until they are advised to be huge anew. HUGE-6
TEST_P(Huge, OnceSmallAlwaysSmall) {
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  run(advise(P0, kAll, Advice::dontneed));
  EXPECT_EQ(read_of(P0, 9), Outcome::zero);
  EXPECT_TRUE(m.pte(P0, {a}).huge);
  run(advise(P0, {a, 9, 9}, Advice::dontneed));
  run(fork(P0, P1));
  run(advise(P0, kAll, Advice::dontneed));
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  EXPECT_FALSE(m.pte(P0, {a}).huge);
  run(advise(P0, kAll, Advice::dontneed));
  run(advise(P0, kAll, Advice::nohugepage));
  run(advise(P0, kAll, Advice::hugepage));
  EXPECT_EQ(write_to(P0, 0), Outcome::fresh);
  EXPECT_TRUE(m.pte(P0, {a, 8}).huge);
}

}  // namespace
}  // namespace cow::test

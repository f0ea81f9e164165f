// What sharing of tables is for, and what it must not change: beside the comparison that every test
// makes (steps.h), the cases in which a debt could be forgotten.
#include <functional>

#include "steps.h"

namespace cow::test {
namespace {

using Sharing = impl::SharedTablesMachine;

Sharing machine(std::string_view rule = "6.15", const Setup& setup = {}) {
  return Sharing(setup, *find_rules(rule));
}

TEST(Share, AForkOfPrivateMemoryMakesNoTable) {
  Sharing m = machine();
  m.run(map_anon(P0, a, 2000));
  for (const std::uint32_t page : {0u, 511u, 512u, 1999u}) m.run(write(P0, {a, page}, 1));
  const std::uint32_t tables = m.tables_in_use();
  for (const Pid child : {P1, P2, P3}) EXPECT_EQ(m.run(fork(P0, child)).outcome, Outcome::ok);
  EXPECT_EQ(m.tables_in_use(), tables);
  EXPECT_EQ(m.page(m.pte({P3, a, 511}).frame).mapcount, 4u);
  for (const Pid gone : {P0, P1, P2}) m.run(exit(gone));
  EXPECT_EQ(m.tables_in_use(), tables);
  EXPECT_EQ(m.run(write(P3, {a}, 2)).outcome, Outcome::reused);
  EXPECT_EQ(m.tables_in_use(), tables);  // nobody else is left: the debt is paid in place
  m.run(exit(P3));
  EXPECT_EQ(m.tables_in_use(), 0u);
  EXPECT_EQ(m.allocated(Kind::anon), 0u);
}

TEST(Share, OnlyTheTouchedPathIsUnshared) {
  Sharing m = machine();
  m.run(map_anon(P0, a, 2000));
  for (const std::uint32_t page : {0u, 511u, 512u, 1999u}) m.run(write(P0, {a, page}, 1));
  const std::uint32_t tables = m.tables_in_use();
  m.run(fork(P0, P1));
  EXPECT_EQ(m.run(read(P0, {a})), saw(Outcome::hit, 1));
  EXPECT_EQ(m.tables_in_use(), tables);  // the parent's entry is young: nothing to set
  EXPECT_EQ(m.run(read(P1, {a})), saw(Outcome::hit, 1));
  EXPECT_EQ(m.tables_in_use(), tables + 4);  // the child's is old
  EXPECT_TRUE(m.pte({P1, a, 0}).young);
  EXPECT_FALSE(m.pte({P1, a, 511}).young);
  EXPECT_EQ(m.run(write(P1, {a, 512}, 2)).outcome, Outcome::copied);
  EXPECT_EQ(m.tables_in_use(), tables + 5);
}

TEST(Share, WhatForkDoesNotCopyIsNotShared) {
  Checked m("6.15", files(1, 9));
  m(map_anon(P0, a, 1200));
  m(map_anon(P0, b, 4, Prot::rw, Share::shared));
  m(map_file(P0, c, 1, Share::private_));
  for (const std::uint32_t page : {0u, 600u, 1199u}) m(write(P0, {a, page}, 1));
  m(write(P0, {b}, 1));
  m(read(P0, {c}));
  m(advise(P0, {a, 590, 610}, Advice::wipeonfork));
  m(fork(P0, P1));
  EXPECT_FALSE(m.sharing.pte({P1, a, 600}).present);
  EXPECT_FALSE(m.sharing.pte({P1, b, 0}).present);
  EXPECT_EQ(m.sharing.pte({P1, a, 1199}).frame, m.sharing.pte({P0, a, 1199}).frame);
  m(advise(P1, {a, 1000, 1199}, Advice::dontneed));
  m(unmap(P0, {a, 0, 511}));
  m(fork(P1, P2));
  m(exit(P1));
  EXPECT_EQ(m.sharing.run(read(P2, {a})), saw(Outcome::hit, 1));
}

// An exclusive page under a debt is none: not to a fork that copies pinned pages, nor to who keeps
// it beyond its last mapping.
TEST(Share, ADebtTakesTheExclusiveMark) {
  for (const auto& rules : kRules) {
    Checked m(rules.name);
    m(map_anon(P0, a, 1));
    m(map_anon(P0, b, 1));
    m(write(P0, {a}, 1));
    for (int i = 0; i < 1030; ++i) m(sys_ref(P0, {a}));
    m(fork(P0, P1));
    m(pin(P0, k, {b}, Prot::rw));  // marks the address space
    m(fork(P0, P2));
    m(exit(P0));
    m(exit(P1));
    m(pin(P2, k2, {a}, Prot::ro, How::get));
    m(exit(P2));
    EXPECT_FALSE(m.sharing.page(m.sharing.frame_of(k2)).exclusive);
  }
}

// The counts are those of tables. Where a page's mappings decide whether it looks pinned, all are
// counted.
TEST(Share, MappingsOfSharedTablesMakeAPageLookPinned) {
  for (const int references : {1021, 1022, 1023}) {
    Checked m("5.14");
    m(map_anon(P0, a, 1));
    m(map_anon(P0, b, 1));
    m(write(P0, {a}, 1));
    m(pin(P0, k, {a}, Prot::ro, How::get));
    for (int i = 1; i < references; ++i) m.operator()(sys_ref(P0, {a}));
    m(fork(P0, P1));
    m(pin(P0, k2, {b}, Prot::rw));
    EXPECT_EQ(m.page(P0, {a}).refcount, references + 2u);
    m(fork(P0, P2));
    EXPECT_EQ(m.frame(P2, {a}) != m.frame(P0, {a}), references >= 1022);
  }
}

TEST(Share, AFastPinDoesNotSeeThroughADebt) {
  Checked m("6.15");
  m(map_anon(P0, a, 2));
  m(write(P0, {a}, 1));
  m(fork(P0, P1));
  for (const Prot prot : {Prot::ro, Prot::rw}) {
    Step fast = pin(P0, prot == Prot::ro ? k : k2, {a}, prot);
    fast.fast = true;
    m(fast);
  }
  EXPECT_NE(m.frame(P0, {a}), m.frame(P1, {a}));
}

TEST(Share, ClearRefsOfOneProcessLeavesTheOthersSoftDirtyBits) {
  Checked m("6.15");
  m(map_anon(P0, a, 1));
  m(write(P0, {a}, 1));
  m(fork(P0, P1));
  m(clear_refs(P0));
  m(exit(P0));
  m(pin(P1, k, {a}, Prot::ro));  // marks the page exclusive, and leaves its entry alone
  for (const Prot prot : {Prot::ro, Prot::rw}) m(protect(P1, {a, 0, 0}, prot));
  EXPECT_TRUE(m.sharing.pte({P1, a, 0}).writable);
}

// What a fork that fails has write-protected, it has in the order of the regions' names.
TEST(Share, AFailedForkLeavesWhatACopyingOneLeaves) {
  for (std::uint32_t n = 1; n <= 3; ++n) {
    Checked m("6.15");
    for (const Region r : {c, b, a}) {  // the last name has the lowest address
      m(map_anon(P0, r, 600));
      for (const std::uint32_t page : {0u, 1u, 599u}) m(write(P0, {r, page}, 1));
      m(pin(P0, Ref{index(r)}, {r, 1}, Prot::rw));
    }
    m(fail(Op::sys_fail_alloc, n));
    EXPECT_EQ(m.outcome(fork(P0, P1)), Outcome::oom);
    EXPECT_EQ(m.sharing.pte({P0, b, 599}).writable, n < 3);
    EXPECT_EQ(m.outcome(fork(P0, P1)), Outcome::ok);
  }
}

TEST(Share, APageMappedAnewDoesNotSeeTheOldOnesTables) {
  Checked m;
  m(map_anon(P0, a, 5000));
  for (const std::uint32_t page : {0u, 4999u}) m(write(P0, {a, page}, 1));
  m(fork(P0, P1));
  m(unmap(P1, {a, 0, 4999}));
  m(map_anon(P1, a, 3));
  EXPECT_EQ(m.outcome(read(P1, {a})), Outcome::zero);
  m(unmap(P0, {a, 100, 4999}));
  EXPECT_EQ(m.outcome(write(P0, {a}, 2)), Outcome::reused);
}

// ---- No table to be had in the middle ----

using PrepareSharing = std::function<void(Sharing&)>;

// Fails each table that the step needs: it changes nothing, and then works. Returns how many.
std::uint32_t fail_each_table(const PrepareSharing& prepare, const Step& step) {
  for (std::uint32_t n = 1;; ++n) {
    Sharing m = machine(), twin = machine();
    prepare(m);
    prepare(twin);
    m.run(fail(Op::sys_fail_table, n));
    const Result got = m.run(step);
    SameFacts<Sharing, Sharing> facts;
    if (!m.table_failed_last_step()) return n - 1;
    EXPECT_TRUE(got.outcome == Outcome::oom || got.outcome == Outcome::segv) << n;
    EXPECT_EQ(facts.differ(m, twin), std::nullopt) << n;
    EXPECT_EQ(m.check_counts(), std::nullopt) << n;
    EXPECT_EQ(m.run(step), twin.run(step)) << n;
    EXPECT_EQ(facts.differ(m, twin), std::nullopt) << n;
    if (n > 100) return n;
  }
}

void forked(Sharing& m) {
  m.run(map_anon(P0, a, 2000));
  for (const std::uint32_t page : {0u, 1u, 511u, 512u, 1999u}) m.run(write(P0, {a, page}, 1));
  m.run(fork(P0, P1));
  m.run(read(P0, {a, 1}));
}

TEST(Share, NothingIsHalfUnshared) {
  EXPECT_EQ(fail_each_table(forked, fork(P0, P2)), 0u);
  EXPECT_EQ(fail_each_table(forked, exit(P1)), 0u);
  EXPECT_EQ(fail_each_table(forked, read(P1, {a, 1})), 4u);
  EXPECT_EQ(fail_each_table(forked, write(P0, {a, 1}, 2)), 4u);
  EXPECT_EQ(fail_each_table(forked, write(P0, {a, 3}, 2)), 4u);
  EXPECT_EQ(fail_each_table(forked, force_write(P1, {a, 1}, 2)), 4u);
  EXPECT_EQ(fail_each_table(forked, pin(P1, k, {a}, Prot::ro)), 4u);
  EXPECT_EQ(fail_each_table(forked, sys_ref(P1, {a})), 4u);
  EXPECT_EQ(fail_each_table(forked, clear_refs(P0)), 6u);
  EXPECT_EQ(fail_each_table(forked, protect(P1, {a, 3, 700}, Prot::ro)), 5u);
  // What a range covers goes as it is; only its edges are unshared.
  EXPECT_EQ(fail_each_table(forked, unmap(P1, {a, 0, 1999})), 3u);
  EXPECT_EQ(fail_each_table(forked, unmap(P1, {a, 1, 1999})), 4u);
  EXPECT_EQ(fail_each_table(forked, advise(P1, {a, 0, 1998}, Advice::dontneed)), 4u);
}

TEST(Share, AForkThatCannotShareAllFailsWhole) {
  const auto wiped = [](Sharing& m) {
    forked(m);
    m.run(advise(P0, {a, 0, 3}, Advice::wipeonfork));
  };
  // The parent's path of four, and the child's; the rest is shared.
  EXPECT_EQ(fail_each_table(wiped, fork(P0, P2)), 8u);
}

}  // namespace
}  // namespace cow::test

// mlock and munlock: the areas' flag, the faults taken beforehand, and what locked memory refuses.
#include "failing.h"
#include "steps.h"

namespace cow::test {
namespace {

bool locked(const Checked& m, Pid p, At at) {
  return impl::vm_has(impl::find_area(*m.machine.areas(p, at.region), at.page)->flags,
                      impl::kVmLocked);
}

TEST(Lock, PrivateWritableMemoryIsWrittenBeforehand) {
  Checked m;
  m(map_anon(P0, a, 3));
  m(read(P0, {a, 1}));
  EXPECT_EQ(m.outcome(lock(P0, {a, 0, 1})), Outcome::ok);
  for (const std::uint32_t page : {0u, 1u}) {
    EXPECT_TRUE(m.pte(P0, {a, page}).writable);
    EXPECT_EQ(m.page(P0, {a, page}).kind, Kind::anon);
    EXPECT_EQ(m.page(P0, {a, page}).refcount, 1u);
    EXPECT_EQ(m.outcome(write(P0, {a, page}, 1)), Outcome::hit);
  }
  EXPECT_FALSE(m.pte(P0, {a, 2}).present);
  EXPECT_EQ(m.machine.areas(P0, a)->size(), 2u);
}

TEST(Lock, OtherMemoryIsReadBeforehand) {
  Checked m("5.14", files(2, 9));
  m(map_anon(P0, a, 1, Prot::ro));
  m(map_anon(P0, b, 1, Prot::rw, Share::shared));
  m(map_file(P0, c, 1, Share::shared));
  m(map_file(P0, d, 1, Share::private_, 1, Prot::ro));
  for (const Region r : {a, b, c, d}) EXPECT_EQ(m.outcome(lock(P0, {r, 0, 0})), Outcome::ok);
  EXPECT_EQ(m.page(P0, {a}).kind, Kind::zero);
  EXPECT_TRUE(m.pte(P0, {b}).writable);  // nobody asks to be told of a write to shmem
  EXPECT_FALSE(m.pte(P0, {b}).dirty);
  EXPECT_TRUE(m.pte(P0, {c}).present);
  EXPECT_FALSE(m.pte(P0, {c}).writable);
  EXPECT_EQ(m.page(P0, {d}).kind, Kind::file);
}

TEST(Lock, BreaksCopyOnWrite) {
  Checked m;
  m(map_anon(P0, a, 1));
  m(write(P0, {a}, 7));
  m(fork(P0, P1));
  const Frame shared = m.frame(P0, {a});
  m(lock(P0, {a, 0, 0}));
  EXPECT_NE(m.frame(P0, {a}), shared);
  EXPECT_EQ(m.frame(P1, {a}), shared);
  EXPECT_EQ(m(read(P0, {a})), saw(Outcome::hit, 7));
  EXPECT_EQ(m.outcome(write(P1, {a}, 8)), Outcome::reused);
  m(fork(P0, P2));
  EXPECT_EQ(m.outcome(lock(P0, {a, 0, 0})), Outcome::ok);  // locked already, populated again
  EXPECT_TRUE(m.pte(P0, {a}).writable);
}

TEST(Lock, WhatNeedsNoFaultStaysAsItIs) {
  Checked m;
  m(map_anon(P0, a, 2));
  m(write(P0, {a}, 7));
  m(protect(P0, {a, 0, 1}, Prot::ro));
  m(fork(P0, P1));
  const PteView before = m.pte(P1, {a});
  EXPECT_FALSE(before.young);
  m(lock(P1, {a, 0, 0}));
  EXPECT_EQ(m.pte(P1, {a}), before);
}

TEST(Lock, EndsWhereAPageCannotBeHad) {
  Checked m("5.14", files(2, 9));
  m(map_anon(P0, a, 4));
  m(write(P0, {a, 1}, 1));
  m(protect(P0, {a, 1, 1}, Prot::none));
  m(map_file(P0, b, 4, Share::private_));
  m(map_file(P0, c, 4, Share::shared));
  for (const Region r : {a, b, c}) {
    EXPECT_EQ(m.outcome(lock(P0, {r, 0, 3})), Outcome::ok);
    EXPECT_TRUE(m.pte(P0, {r, 0}).present);
    EXPECT_FALSE(m.pte(P0, {r, 2}).present);
    EXPECT_TRUE(locked(m, P0, {r, 3}));
  }
}

TEST(Lock, SaysThatMemoryRanOut) {
  cow::Setup setup;
  setup.frames = 2;
  Checked m("5.14", setup);
  m(map_anon(P0, a, 4));
  EXPECT_EQ(m.outcome(lock(P0, {a, 0, 3})), Outcome::oom);
  EXPECT_TRUE(locked(m, P0, {a, 3}));
  EXPECT_TRUE(m.pte(P0, {a, 1}).writable);
  EXPECT_FALSE(m.pte(P0, {a, 2}).present);
  m(unlock(P0, {a, 0, 0}));
  m(advise(P0, {a, 0, 0}, Advice::dontneed));
  EXPECT_EQ(m.outcome(lock(P0, {a, 1, 2})), Outcome::ok);
}

TEST(Lock, IsRefusedAcrossAHole) {
  Checked m;
  m(map_anon(P0, a, 4));
  m(unmap(P0, {a, 2, 2}));
  for (const Op op : {Op::lock, Op::unlock}) {
    EXPECT_EQ(m.outcome(over(op, P0, {a, 1, 3})), Outcome::segv);
    EXPECT_EQ(m.outcome(over(op, P0, {a, 1, 4})), Outcome::nosuch);
    EXPECT_EQ(m.outcome(over(op, P1, {a, 0, 0})), Outcome::nosuch);
  }
  EXPECT_FALSE(m.pte(P0, {a, 1}).present);
  EXPECT_FALSE(locked(m, P0, {a, 1}));
}

TEST(Lock, UnlockTouchesNoEntryAndMergesAgain) {
  Checked m("6.15");
  m(map_anon(P0, a, 4));
  m(lock(P0, {a, 1, 2}));
  EXPECT_EQ(m.machine.areas(P0, a)->size(), 3u);
  const PteView before = m.pte(P0, {a, 1});
  EXPECT_EQ(m.outcome(unlock(P0, {a, 0, 3})), Outcome::ok);
  EXPECT_EQ(m.pte(P0, {a, 1}), before);
  EXPECT_EQ(m.machine.areas(P0, a)->size(), 1u);
}

TEST(Lock, LockedMemoryIsNotDiscarded) {
  Checked m;
  m(map_anon(P0, a, 6));
  for (std::uint32_t page = 0; page < 6; ++page) m(write(P0, {a, page}, 1));
  m(lock(P0, {a, 3, 3}));
  m(unmap(P0, {a, 2, 2}));
  EXPECT_EQ(m.outcome(advise(P0, {a, 0, 3}, Advice::dontneed)), Outcome::inval);  // not segv
  EXPECT_TRUE(m.pte(P0, {a, 0}).present);
  EXPECT_EQ(m.outcome(advise(P0, {a, 0, 2}, Advice::dontneed)), Outcome::segv);
  EXPECT_EQ(m.outcome(advise(P0, {a, 3, 3}, Advice::dontfork)), Outcome::ok);
  m(unlock(P0, {a, 3, 3}));
  EXPECT_EQ(m.outcome(advise(P0, {a, 3, 5}, Advice::dontneed)), Outcome::ok);
  EXPECT_FALSE(m.pte(P0, {a, 3}).present);
}

TEST(Lock, AChildsAreasAreNotLocked) {
  Checked m;
  m(map_anon(P0, a, 2));
  m(lock(P0, {a, 0, 0}));
  m(fork(P0, P1));
  EXPECT_TRUE(locked(m, P0, {a}));
  EXPECT_FALSE(locked(m, P1, {a}));  // FORK-4
  EXPECT_EQ(m.machine.areas(P1, a)->size(), 2u);
  EXPECT_EQ(m.outcome(advise(P1, {a, 0, 1}, Advice::dontneed)), Outcome::ok);
  EXPECT_EQ(m.outcome(advise(P0, {a, 0, 1}, Advice::dontneed)), Outcome::inval);
}

TEST(Lock, GoesAlongToAnotherPlace) {
  Checked m;
  m(map_anon(P0, a, 2));
  m(lock(P0, {a, 1, 1}));
  m(remap(P0, {a, 0, 1}, b));
  EXPECT_EQ(m.outcome(advise(P0, {b, 0, 0}, Advice::dontneed)), Outcome::ok);
  EXPECT_EQ(m.outcome(advise(P0, {b, 1, 1}, Advice::dontneed)), Outcome::inval);
}

TEST(Lock, ProtectPopulatesLockedMemoryThatBecomesWritable) {
  for (const Prot before : {Prot::ro, Prot::none}) {
    Checked m;
    m(map_anon(P0, a, 6, before));
    m(lock(P0, {a, 1, 3}));
    m(protect(P0, {a, 0, 2}, Prot::rw));
    EXPECT_FALSE(m.pte(P0, {a, 0}).present);  // not locked
    EXPECT_TRUE(m.pte(P0, {a, 1}).writable);
    EXPECT_TRUE(m.pte(P0, {a, 2}).writable);
    EXPECT_FALSE(m.pte(P0, {a, 3}).writable);  // not in the range
    EXPECT_EQ(impl::find_area(*m.machine.areas(P0, a), 2)->anon_vma, impl::AnonVma::own);
  }
}

// Each area before the next one changes: the first is touched by then, and the second merges so.
TEST(Lock, ProtectPopulatesAreaByArea) {
  Checked m("5.14");
  m(map_anon(P0, a, 4, Prot::ro));
  m(protect(P0, {a, 2, 3}, Prot::none));
  m(lock(P0, {a, 0, 3}));
  m(protect(P0, {a, 0, 3}, Prot::rw));
  EXPECT_EQ(
      *m.machine.areas(P0, a),
      (impl::Areas{{0, 4, impl::kVmRead | impl::kVmWrite | impl::kVmMayWrite | impl::kVmLocked,
                    impl::AnonVma::own}}));
  for (std::uint32_t page = 0; page < 4; ++page) EXPECT_TRUE(m.pte(P0, {a, page}).writable);
}

TEST(Lock, ProtectDoesNotSayThatItCouldNotPopulate) {
  Checked m;
  m(map_anon(P0, a, 2, Prot::ro));
  m(lock(P0, {a, 0, 1}));
  m(fail(Op::sys_fail_alloc, 2));
  EXPECT_EQ(m.outcome(protect(P0, {a, 0, 1}, Prot::rw)), Outcome::ok);
  EXPECT_TRUE(m.pte(P0, {a, 0}).writable);
  EXPECT_FALSE(m.pte(P0, {a, 1}).writable);
  m(map_anon(P0, b, 1, Prot::ro, Share::shared));
  m(lock(P0, {b, 0, 0}));
  m(advise(P0, {b, 0, 0}, Advice::dontfork));
  EXPECT_FALSE(m.pte(P0, {b}).dirty);
}

template <class Machine> class LockOn : public testing::Test {};
using Strategies = testing::Types<impl::Machine, impl::SharedTablesMachine>;
TYPED_TEST_SUITE(LockOn, Strategies);

// What was populated stays, and locking again goes on from there.
TYPED_TEST(LockOn, EachAllocationFailsOnce) {
  const auto forked = [](auto& m) {
    m.run(map_anon(P0, a, 600));
    m.run(write(P0, {a, 510}, 1));
    m.run(write(P0, {a, 513}, 1));
    m.run(fork(P0, P1));
  };
  const auto of_a_file = [](auto& m) { m.run(map_file(P0, a, 3, Share::private_)); };
  const auto is_locked = [](TypeParam& m, TypeParam& twin) {
    for (const Pid p : {P0, P1}) {
      if (!m.alive(p)) continue;
      const auto changed = *m.areas(p, a) != *twin.areas(p, a);
      EXPECT_EQ(changed, impl::any_has(*m.areas(p, a), 0, 600, impl::kVmLocked));
    }
  };
  const auto count = [&](Op sort, auto prepare, const Step& step) {
    return fail_each_beside_twin<TypeParam>(sort, prepare, step, is_locked);
  };
  for (const Pid p : {P0, P1}) {
    const Step step = lock(p, {a, 509, 514});
    EXPECT_EQ(count(Op::sys_fail_alloc, forked, step), 6u);
    const bool copies = std::is_same_v<TypeParam, impl::Machine>;
    EXPECT_EQ(count(Op::sys_fail_table, forked, step), copies ? 0u : 5u);
  }
  EXPECT_EQ(count(Op::sys_fail_alloc, of_a_file, lock(P0, {a, 0, 2})), 6u);
  EXPECT_EQ(count(Op::sys_fail_table, of_a_file, lock(P0, {a, 0, 2})), 3u);
}

}  // namespace
}  // namespace cow::test

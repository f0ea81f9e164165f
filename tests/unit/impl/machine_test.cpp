// What is refused, what is shown, what stays.
#include "steps.h"

namespace cow::test {
namespace {

TEST(Machine, BeginsWithOneProcessAndNothingElse) {
  Checked m;
  EXPECT_TRUE(m.machine.alive(P0));
  EXPECT_FALSE(m.machine.alive(P1));
  EXPECT_EQ(m.machine.pages_in(P0, a), 0u);
  EXPECT_EQ(m.pte(P0, {a}).mapped, Mapped::nosuch);
  EXPECT_EQ(m.machine.frame_of(k), kNoFrame);
  EXPECT_EQ(m.machine.page(kNoFrame).kind, Kind::none);
}

TEST(Machine, RefusesInOrder) {
  Checked m("5.14", files(1, 0));
  EXPECT_EQ(m.outcome(fork(P1, P0)), Outcome::nosuch);
  EXPECT_EQ(m.outcome(fork(P0, P0)), Outcome::inval);
  EXPECT_EQ(m.outcome(unmap(P0, {a, 0, 0})), Outcome::nosuch);
  m(map_anon(P0, a, 3));
  EXPECT_EQ(m.outcome(map_anon(P0, a, 3)), Outcome::inval);
  EXPECT_EQ(m.outcome(unmap(P0, {a, 0, 3})), Outcome::nosuch);
  EXPECT_EQ(m.outcome(protect(P0, {a, 3, 3}, Prot::ro)), Outcome::nosuch);
  m(unmap(P0, {a, 1, 1}));
  EXPECT_EQ(m.outcome(unmap(P0, {a, 1, 1})), Outcome::ok);
  EXPECT_EQ(m.outcome(advise(P0, {a, 0, 2}, Advice::dontneed)), Outcome::segv);
  EXPECT_EQ(m.outcome(map_anon(P0, a, 3)), Outcome::inval);
  m(map_file(P0, b, 2, Share::private_));
  EXPECT_EQ(m.outcome(advise(P0, {b, 0, 1}, Advice::wipeonfork)), Outcome::inval);
  EXPECT_EQ(m.outcome(read(P0, {b, 1})), Outcome::sigbus);
  EXPECT_EQ(m.outcome(force_read(P0, {b, 1})), Outcome::segv);
  m(unmap(P0, {b, 0, 1}));
  EXPECT_EQ(m.outcome(advise(P0, {b, 0, 1}, Advice::wipeonfork)), Outcome::segv);
  EXPECT_EQ(m.outcome(through(Op::unpin, k)), Outcome::nosuch);
}

TEST(Machine, NamesBeyondAllReasonAreOom) {
  Checked m;
  m(map_anon(P0, a, 1));
  EXPECT_EQ(m.outcome(fork(P0, Pid{0xffffffff})), Outcome::oom);
  EXPECT_EQ(m.outcome(map_anon(P0, Region{0xffffffff}, 1)), Outcome::oom);
  EXPECT_EQ(m.outcome(pin(P0, Ref{0xffffffff}, {a}, Prot::rw)), Outcome::oom);
}

TEST(Machine, ADeadNameMayBeForkedAnewWithTheParentsNamesOnly) {
  Checked m;
  m(map_anon(P0, a, 1));
  m(fork(P0, P1));
  m(map_anon(P1, b, 1));
  m(exit(P1));
  EXPECT_EQ(m.machine.pages_in(P1, a), 0u);
  EXPECT_EQ(m.outcome(read(P1, {a})), Outcome::nosuch);
  EXPECT_EQ(m.outcome(fork(P0, P1)), Outcome::ok);
  EXPECT_EQ(m.outcome(read(P1, {a})), Outcome::zero);
  EXPECT_EQ(m.outcome(read(P1, {b})), Outcome::nosuch);
}

TEST(Machine, DontneedEmptiesPrivateMemory) {
  Checked m("5.14", files(1, 9));
  m(map_anon(P0, a, 1));
  m(map_file(P0, b, 1, Share::private_));
  m(map_anon(P0, c, 1, Prot::rw, Share::shared));
  for (const Region r : {a, b, c}) m(write(P0, {r}, 5));
  for (const Region r : {a, b, c}) m(advise(P0, {r, 0, 0}, Advice::dontneed));
  EXPECT_EQ(m(read(P0, {a})), saw(Outcome::zero, 0));  // EXIT-3
  EXPECT_EQ(m(read(P0, {b})), saw(Outcome::filled, 9));
  EXPECT_EQ(m(read(P0, {c})), saw(Outcome::filled, 5));
}

TEST(Machine, SharedMemoryLivesAsLongAsAMappingOrAReference) {
  Checked m;
  m(map_anon(P0, c, 2, Prot::rw, Share::shared));
  EXPECT_EQ(m.outcome(write(P0, {c}, 5)), Outcome::enabled);
  EXPECT_EQ(m.outcome(write(P0, {c, 1}, 6)), Outcome::enabled);
  EXPECT_EQ(m.page(P0, {c}).refcount, 2u);
  m(fork(P0, P1));
  m(pin(P1, k, {c}, Prot::rw));
  m(unmap(P0, {c, 0, 1}));
  EXPECT_EQ(m.machine.allocated(Kind::shmem), 2u);
  EXPECT_EQ(m(read(P1, {c, 1})), saw(Outcome::filled, 6));
  m(exit(P1));
  EXPECT_EQ(m.machine.allocated(Kind::shmem), 1u);
  EXPECT_EQ(m.machine.page(m.machine.frame_of(k)).refcount, 1024u);
  EXPECT_EQ(m(through(Op::ref_read, k)), saw(Outcome::ok, 5));
  m(through(Op::unpin, k));
  EXPECT_EQ(m.machine.allocated(Kind::shmem), 0u);
}

TEST(Machine, FilePagesStayCached) {
  Checked m("5.14", files(3, 9));
  m(map_file(P0, a, 2, Share::shared, 1));
  EXPECT_EQ(m.outcome(write(P0, {a, 1}, 4)), Outcome::enabled);
  m(unmap(P0, {a, 0, 1}));
  EXPECT_EQ(m.machine.allocated(Kind::file), 1u);
  m(map_file(P0, b, 3, Share::private_));
  EXPECT_EQ(m(read(P0, {b, 2})), saw(Outcome::filled, 4));
  EXPECT_EQ(m(read(P0, {b, 1})), saw(Outcome::filled, 9));
}

TEST(Machine, ResetIsLikeANewMachine) {
  Checked m("5.14", files(1, 9));
  m(map_file(P0, a, 1, Share::shared));
  m(map_anon(P0, b, 3));
  m(write(P0, {a}, 1));
  m(write(P0, {b, 2}, 1));
  m(fork(P0, P1));
  m(pin(P1, k, {b}, Prot::rw));
  m(exit(P0));
  m.reset("6.15", files(1, 8));
  EXPECT_FALSE(m.machine.check_counts().has_value());
  EXPECT_EQ(m.machine.tables_in_use(), 1u);
  EXPECT_FALSE(m.machine.alive(P1));
  EXPECT_EQ(m.machine.pages_in(P0, b), 0u);
  EXPECT_EQ(m.machine.frame_of(k), kNoFrame);
  EXPECT_EQ(m.machine.allocated(Kind::file), 0u);
  m(map_file(P0, a, 1, Share::shared));
  EXPECT_EQ(m(read(P0, {a})), saw(Outcome::filled, 8));
  m(map_anon(P0, b, 1));
  m(write(P0, {b}, 1));
  EXPECT_TRUE(m.page(P0, {b}).exclusive);
}

}  // namespace
}  // namespace cow::test

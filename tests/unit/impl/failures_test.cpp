// Every allocation fails once: nothing leaks, nothing changes, and the same step then succeeds.
#include <functional>

#include "steps.h"

namespace cow::test {
namespace {

using Prepare = std::function<void(Checked&)>;

// Fails the n-th allocation of `op`'s sort during `step`, for n = 1, 2, … until the step needs
// fewer. Returns how many allocations the step makes.
std::uint32_t fail_each(Op op, const Prepare& prepare, const Step& step, Outcome failed,
                        Outcome done) {
  for (std::uint32_t n = 1;; ++n) {
    Checked m("5.14", files(4, 9));
    prepare(m);
    const Rss rss = m.machine.rss(P0);
    const std::uint32_t anon = m.machine.allocated(Kind::anon);
    const std::uint32_t tables = m.machine.tables_in_use();
    m(fail(op, n));
    const Outcome got = m.outcome(step);
    if (got == done) return n - 1;
    EXPECT_EQ(got, failed) << n;
    EXPECT_EQ(m.machine.table_failed_last_step(), op == Op::sys_fail_table) << n;
    EXPECT_EQ(m.machine.rss(P0), rss) << n;
    EXPECT_EQ(m.machine.allocated(Kind::anon), anon) << n;
    if (op == Op::sys_fail_table) {
      EXPECT_LT(m.machine.tables_in_use(), tables + n) << n;  // those made above it may stay
    }
    EXPECT_EQ(m.outcome(step), done) << n;
    EXPECT_FALSE(m.machine.table_failed_last_step());
    if (n > 100 || got != failed) return n;
  }
}

std::uint32_t frames_of(const Prepare& p, const Step& s, Outcome done) {
  return fail_each(Op::sys_fail_alloc, p, s, Outcome::oom, done);
}
std::uint32_t tables_of(const Prepare& p, const Step& s, Outcome done) {
  return fail_each(Op::sys_fail_table, p, s, Outcome::oom, done);
}

void anon(Checked& m) { m(map_anon(P0, a, 8)); }
void private_file(Checked& m) { m(map_file(P0, a, 4, Share::private_)); }
void shmem(Checked& m) { m(map_anon(P0, a, 4, Prot::rw, Share::shared)); }
void zero_mapped(Checked& m) {
  anon(m);
  m(read(P0, {a}));
}
void shared_with_child(Checked& m) {
  anon(m);
  m(write(P0, {a}, 1));
  m(fork(P0, P1));
}
void two_pinned(Checked& m) {
  anon(m);
  m(map_anon(P0, b, 2));
  for (const Region r : {a, b}) m(write(P0, {r}, 1));
  m(write(P0, {a, 1}, 2));
  m(pin(P0, k, {a}, Prot::rw));
  m(pin(P0, k2, {b}, Prot::rw));
}

TEST(Failures, FramesInFaults) {
  EXPECT_EQ(frames_of(anon, read(P0, {a}), Outcome::zero), 0u);
  EXPECT_EQ(frames_of(anon, write(P0, {a}, 1), Outcome::fresh), 1u);
  EXPECT_EQ(frames_of(private_file, read(P0, {a}), Outcome::filled), 1u);
  EXPECT_EQ(frames_of(private_file, write(P0, {a}, 1), Outcome::copied), 2u);
  EXPECT_EQ(frames_of(shmem, write(P0, {a}, 1), Outcome::enabled), 1u);
  EXPECT_EQ(frames_of(zero_mapped, write(P0, {a}, 1), Outcome::copied), 1u);
  EXPECT_EQ(frames_of(shared_with_child, write(P0, {a}, 1), Outcome::copied), 1u);
  EXPECT_EQ(frames_of(shared_with_child, pin(P0, k, {a}, Prot::rw), Outcome::ok), 1u);
}

TEST(Failures, FramesInFork) { EXPECT_EQ(frames_of(two_pinned, fork(P0, P1), Outcome::ok), 2u); }

TEST(Failures, TablesInFaults) {
  EXPECT_EQ(tables_of(anon, write(P0, {a}, 1), Outcome::fresh), 3u);
  EXPECT_EQ(tables_of(anon, read(P0, {a}), Outcome::zero), 3u);
  EXPECT_EQ(tables_of(shmem, write(P0, {a}, 1), Outcome::enabled), 3u);
  EXPECT_EQ(tables_of(zero_mapped, write(P0, {a}, 1), Outcome::copied), 0u);
}

TEST(Failures, TablesInFork) {
  // The child's root, then three levels; b has a last-level table of its own.
  EXPECT_EQ(tables_of(two_pinned, fork(P0, P1), Outcome::ok), 5u);
  EXPECT_EQ(tables_of(anon, fork(P0, P1), Outcome::ok), 1u);
}

TEST(Failures, AForceWriteSaysSegv) {
  const auto step = force_write(P0, {a}, 1);
  EXPECT_EQ(fail_each(Op::sys_fail_alloc, anon, step, Outcome::segv, Outcome::fresh), 1u);
  EXPECT_EQ(fail_each(Op::sys_fail_table, anon, step, Outcome::segv, Outcome::fresh), 3u);
}

TEST(Failures, AFailedForkLeavesTheParentReadOnlyAndNothingElse) {
  Checked m;
  m(map_anon(P0, a, 2));
  m(write(P0, {a}, 1));
  m(write(P0, {a, 1}, 1));
  m(pin(P0, k, {a, 1}, Prot::rw));
  m(fail(Op::sys_fail_alloc, 1));
  EXPECT_EQ(m.outcome(fork(P0, P1)), Outcome::oom);
  EXPECT_FALSE(m.machine.alive(P1));  // ERR-1
  EXPECT_FALSE(m.pte(P0, {a}).writable);
  EXPECT_TRUE(m.pte(P0, {a, 1}).writable);  // PIN-1
  EXPECT_EQ(m.page(P0, {a}).mapcount, 1u);
  EXPECT_EQ(m.outcome(write(P0, {a}, 2)), Outcome::reused);
}

TEST(Failures, TheLimitCountsAnonCacheAndShmem) {
  cow::Setup setup = files(2, 9);  // a test has a Setup of its own
  setup.frames = 3;
  Checked m("5.14", setup);
  m(map_anon(P0, a, 4));
  m(map_file(P0, b, 2, Share::private_));
  m(map_anon(P0, c, 1, Prot::rw, Share::shared));
  EXPECT_EQ(m.outcome(write(P0, {a}, 1)), Outcome::fresh);
  EXPECT_EQ(m.outcome(read(P0, {b})), Outcome::filled);
  EXPECT_EQ(m.outcome(read(P0, {c})), Outcome::filled);
  EXPECT_EQ(m.outcome(write(P0, {a, 1}, 1)), Outcome::oom);
  EXPECT_EQ(m.outcome(read(P0, {a, 1})), Outcome::zero);  // the zero page is not counted
  m(unmap(P0, {c, 0, 0}));
  EXPECT_EQ(m.outcome(write(P0, {a, 1}, 1)), Outcome::copied);
}

TEST(Failures, ANewFailReplacesAPendingOne) {
  Checked m;
  m(map_anon(P0, a, 4));
  m(fail(Op::sys_fail_alloc, 1));
  m(fail(Op::sys_fail_alloc, 2));
  EXPECT_EQ(m.outcome(write(P0, {a}, 1)), Outcome::fresh);
  EXPECT_EQ(m.outcome(write(P0, {a, 1}, 1)), Outcome::oom);
  EXPECT_EQ(m.outcome(write(P0, {a, 1}, 1)), Outcome::fresh);
}

}  // namespace
}  // namespace cow::test

// Write faults: the entry that each leaves, and the counts.
#include "steps.h"

namespace cow::test {
namespace {

TEST(Wp, AReadFaultLeavesTheZeroPageReadOnlyCleanYoung) {
  Checked m;
  m(map_anon(P0, a, 1));
  m(read(P0, {a}));
  const PteView e = m.pte(P0, {a});
  EXPECT_TRUE(e.present);
  EXPECT_TRUE(e.young);
  EXPECT_FALSE(e.writable);
  EXPECT_FALSE(e.dirty);
  EXPECT_EQ(m.page(P0, {a}).refcount, 0u);
}

TEST(Wp, ACopyIsDirtyYoungAndWritable) {
  Checked m;
  m(map_anon(P0, a, 1));
  m(write(P0, {a, 0, 3}, 9));
  m(fork(P0, P1));
  EXPECT_EQ(m.page(P0, {a}).mapcount, 2u);
  EXPECT_EQ(m.page(P0, {a}).refcount, 2u);
  m(write(P1, {a}, 2));
  EXPECT_EQ(m.page(P0, {a}).mapcount, 1u);
  EXPECT_EQ(m.page(P0, {a}).refcount, 1u);
  const PteView e = m.pte(P1, {a});
  EXPECT_TRUE(e.dirty && e.young && e.writable);
  EXPECT_EQ(m(read(P1, {a, 0, 3})), saw(Outcome::hit, 9));  // COPY-1: every byte
  EXPECT_FALSE(m.pte(P0, {a}).writable);                    // COPY-2
}

TEST(Wp, SharedFilePagesAskForTheFirstWriteShmemDoesNot) {
  Checked m("5.14", files(1, 9));
  m(map_file(P0, a, 1, Share::shared));
  m(map_anon(P0, c, 1, Prot::rw, Share::shared));
  m(read(P0, {a}));
  m(read(P0, {c}));
  EXPECT_FALSE(m.pte(P0, {a}).writable);
  EXPECT_TRUE(m.pte(P0, {c}).writable);
  EXPECT_EQ(m.outcome(write(P0, {c}, 1)), Outcome::hit);
  EXPECT_EQ(m.outcome(write(P0, {a}, 1)), Outcome::enabled);
}

TEST(Wp, AFirstPrivateFileWriteLeavesFileRssAlone) {
  Checked m("5.14", files(1, 9));
  m(map_file(P0, a, 1, Share::private_));
  EXPECT_EQ(m.outcome(write(P0, {a}, 1)), Outcome::copied);
  EXPECT_EQ(m.machine.rss(P0), (Rss{1, 0, 0}));
  EXPECT_EQ(m.machine.allocated(Kind::file), 1u);  // the cache has it now
  EXPECT_EQ(m(read(P0, {a, 0, 1})), saw(Outcome::hit, 9));
}

}  // namespace
}  // namespace cow::test

// What fork does to both sides' entries.
#include "steps.h"

namespace cow::test {
namespace {

TEST(Fork, SharedEntriesAreReadOnlyAndTheChildsOld) {
  Checked m;
  m(map_anon(P0, a, 1));
  m(write(P0, {a}, 1));
  m(fork(P0, P1));
  const PteView parent = m.pte(P0, {a}), child = m.pte(P1, {a});
  EXPECT_EQ(parent.frame, child.frame);
  EXPECT_FALSE(parent.writable || child.writable);  // FORK-2
  EXPECT_TRUE(parent.young);
  EXPECT_FALSE(child.young);  // FORK-6
  EXPECT_TRUE(parent.dirty && child.dirty);
}

TEST(Fork, SharedMappingsKeepTheirWriteBitAndTheChildFaults) {
  Checked m;
  m(map_anon(P0, c, 1, Prot::rw, Share::shared));
  m(write(P0, {c}, 1));
  m(fork(P0, P1));
  EXPECT_TRUE(m.pte(P0, {c}).writable);
  EXPECT_FALSE(m.pte(P1, {c}).present);  // FORK-5
  EXPECT_EQ(m.outcome(write(P1, {c}, 2)), Outcome::enabled);
  EXPECT_EQ(m(read(P0, {c})), saw(Outcome::hit, 2));
}

TEST(Fork, APinnedPageIsCopiedAtOnce) {
  for (const char* rule : {"5.7", "5.14", "5.18", "5.19", "6.15"}) {
    Checked m(rule);
    m(map_anon(P0, a, 1));
    m(write(P0, {a}, 1));
    m(pin(P0, k, {a}, Prot::rw));
    m(fork(P0, P1));
    const bool copies = rule != std::string_view("5.7");
    EXPECT_EQ(m.pte(P0, {a}).writable, copies) << rule;  // PIN-1
    EXPECT_EQ(m.frame(P0, {a}) != m.frame(P1, {a}), copies) << rule;
    EXPECT_EQ(m.pte(P1, {a}).writable, copies) << rule;
    EXPECT_EQ(m(read(P1, {a})).value, 1);
  }
}

TEST(Fork, HasPinnedBelongsToTheProcessThatPinned) {
  Checked m;
  m(map_anon(P0, a, 1));
  m(write(P0, {a}, 1));
  m(pin(P0, k, {a}, Prot::rw));
  m(fork(P0, P1));
  for (int i = 0; i < 1024; ++i) m(sys_ref(P1, {a}));  // looks pinned
  m(fork(P1, P2));
  EXPECT_EQ(m.frame(P1, {a}), m.frame(P2, {a}));
  EXPECT_EQ(m.outcome(pin(P1, k2, {b}, Prot::ro)), Outcome::nosuch);
  m(map_anon(P1, b, 1, Prot::ro));
  EXPECT_EQ(m.outcome(pin(P1, k2, {b}, Prot::rw)), Outcome::segv);  // marks it all the same
  m(fork(P1, P3));
  EXPECT_NE(m.frame(P1, {a}), m.frame(P3, {a}));
}

TEST(Fork, APinnedPrivateFilePageIsCopiedBefore519) {
  for (const char* rule : {"5.14", "5.19"}) {
    Checked m(rule, files(2, 9));
    m(map_file(P0, a, 2, Share::private_));
    m(pin(P0, k, {a}, Prot::ro));
    m(write(P0, {a, 1}, 1));  // anon_vma
    m(fork(P0, P1));
    const Kind kind = rule == std::string_view("5.14") ? Kind::anon : Kind::file;
    EXPECT_EQ(m.page(P1, {a}).kind, kind) << rule;
  }
}

}  // namespace
}  // namespace cow::test

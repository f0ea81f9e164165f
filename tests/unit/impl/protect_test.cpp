// mprotect and clear-refs: what they do to entries.
#include "steps.h"

namespace cow::test {
namespace {

TEST(Protect, GivesWriteBackOnlyToAnExclusivePageFrom615On) {
  for (const char* rule : {"5.14", "5.19", "6.15"}) {
    Checked m(rule);
    m(map_anon(P0, a, 2));
    m(write(P0, {a}, 1));
    m(read(P0, {a, 1}));
    m(protect(P0, {a, 0, 1}, Prot::ro));
    EXPECT_FALSE(m.pte(P0, {a}).writable);
    m(protect(P0, {a, 0, 1}, Prot::rw));
    EXPECT_EQ(m.pte(P0, {a}).writable, rule == std::string_view("6.15")) << rule;  // EXIT-4
    EXPECT_FALSE(m.pte(P0, {a, 1}).writable);                                      // ZERO-2
  }
}

TEST(Protect, SharedEntriesBecomeWritableUnlessTheFileAsks) {
  Checked m("5.14", files(2, 9));
  m(map_file(P0, a, 2, Share::shared));
  m(map_anon(P0, c, 1, Prot::rw, Share::shared));
  m(read(P0, {a}));
  m(write(P0, {a, 1}, 1));
  m(read(P0, {c}));
  for (const Prot prot : {Prot::ro, Prot::rw}) {
    m(protect(P0, {a, 0, 1}, prot));
    m(protect(P0, {c, 0, 0}, prot));
  }
  EXPECT_FALSE(m.pte(P0, {a}).writable);
  EXPECT_TRUE(m.pte(P0, {a, 1}).writable);
  EXPECT_TRUE(m.pte(P0, {c}).writable);
}

TEST(Protect, EqualFlagsChangeNothing) {
  Checked m("6.15");
  m(map_anon(P0, a, 1));
  m(write(P0, {a}, 1));
  m(clear_refs(P0));
  m(protect(P0, {a, 0, 0}, Prot::rw));
  EXPECT_FALSE(m.pte(P0, {a}).writable);
}

TEST(ClearRefs, ProtectsPrivateEntriesAndForgetsSoftDirty) {
  Checked m("6.15");
  m(map_anon(P0, a, 1));
  m(map_anon(P0, c, 1, Prot::rw, Share::shared));
  m(write(P0, {a}, 1));
  m(write(P0, {c}, 1));
  EXPECT_EQ(m.outcome(clear_refs(P0)), Outcome::ok);
  EXPECT_EQ(m.outcome(clear_refs(P1)), Outcome::nosuch);
  EXPECT_FALSE(m.pte(P0, {a}).writable);
  EXPECT_TRUE(m.pte(P0, {a}).dirty);
  EXPECT_TRUE(m.pte(P0, {c}).writable);
  m(protect(P0, {a, 0, 0}, Prot::ro));
  m(protect(P0, {a, 0, 0}, Prot::rw));
  EXPECT_FALSE(m.pte(P0, {a}).writable);  // not soft-dirty: the write must be seen
  EXPECT_EQ(m.outcome(write(P0, {a}, 2)), Outcome::reused);
}

}  // namespace
}  // namespace cow::test

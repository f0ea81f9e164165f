// Regions far larger than the memory they use.
#include "steps.h"

namespace cow::test {
namespace {

TEST(Sparse, OnlyTouchedTablesExist) {
  Checked m;
  EXPECT_EQ(m.machine.tables_in_use(), 1u);
  m(map_anon(P0, a, kMaxPages));
  EXPECT_EQ(m.machine.tables_in_use(), 1u);
  EXPECT_EQ(m.outcome(write(P0, {a, kMaxPages - 1}, 7)), Outcome::fresh);
  EXPECT_EQ(m.outcome(write(P0, {a, 0}, 8)), Outcome::fresh);
  EXPECT_EQ(m.machine.tables_in_use(), 1u + 1u + 2u + 2u);  // the two lie 64 GiB apart
  EXPECT_EQ(m.outcome(protect(P0, {a, 0, kMaxPages - 1}, Prot::ro)), Outcome::ok);
  EXPECT_EQ(m.outcome(fork(P0, P1)), Outcome::ok);
  EXPECT_EQ(m.machine.tables_in_use(), 12u);
  EXPECT_EQ(m(read(P1, {a, kMaxPages - 1})), saw(Outcome::hit, 7));
  EXPECT_EQ(m.outcome(unmap(P0, {a, 0, kMaxPages - 1})), Outcome::ok);
  EXPECT_EQ(m.outcome(exit(P1)), Outcome::ok);
  EXPECT_EQ(m.machine.tables_in_use(), 1u);
  EXPECT_EQ(m.machine.allocated(Kind::anon), 0u);
}

TEST(Sparse, PresentPagesAreVisitedInOrder) {
  Checked m;
  m(map_anon(P0, a, kMaxPages));
  const std::vector<std::uint32_t> pages = {0, 511, 512, 262'144, kMaxPages - 1};
  for (const std::uint32_t page : pages) m(write(P0, {a, page}, 1));
  std::vector<std::uint32_t> seen;
  m.machine.for_each_present(P0, a, [&](std::uint32_t page, const PteView& v) {
    EXPECT_EQ(v, m.pte(P0, {a, page}));
    seen.push_back(page);
  });
  EXPECT_EQ(seen, pages);
}

TEST(Sparse, TheAddressSpaceEndsAndUnmappedNamesMakeRoom) {
  Checked m;
  std::uint32_t mapped = 0;
  while (m.outcome(map_anon(P0, Region{mapped}, kMaxPages)) == Outcome::ok) ++mapped;
  EXPECT_EQ(mapped, 2047u);  // of 64 GiB in 128 TiB, page 0's 16 MiB apart
  EXPECT_EQ(m.outcome(write(P0, {Region{5}, 3}, 1)), Outcome::fresh);
  m(unmap(P0, {Region{9}, 0, kMaxPages - 1}));
  EXPECT_EQ(m.outcome(map_anon(P0, Region{mapped}, kMaxPages)), Outcome::ok);
  EXPECT_EQ(m.outcome(read(P0, {Region{mapped}, 3})), Outcome::zero);
  EXPECT_EQ(m.pte(P0, {Region{9}, 3}).mapped, Mapped::gone);  // not the other's entry
  EXPECT_EQ(m.outcome(map_anon(P0, Region{9}, kMaxPages)), Outcome::oom);
  EXPECT_EQ(m.outcome(map_anon(P0, Region{9}, 1)), Outcome::ok);
  EXPECT_EQ(m.outcome(write(P0, {Region{9}}, 1)), Outcome::fresh);
}

TEST(Sparse, ANameMappedAnewMayBeLongerOrShorter) {
  Checked m;
  for (const std::uint32_t pages : {1u, 5000u, 3u, 70'000u}) {
    EXPECT_EQ(m.outcome(map_anon(P0, a, pages)), Outcome::ok);
    EXPECT_EQ(m.outcome(map_anon(P0, a, pages)), Outcome::inval);
    EXPECT_EQ(m.machine.pages_in(P0, a), pages);
    EXPECT_EQ(m.outcome(write(P0, {a, pages - 1}, 1)), Outcome::fresh);
    m(unmap(P0, {a, 0, pages - 1}));
    EXPECT_EQ(m.machine.tables_in_use(), 1u);
  }
}

}  // namespace
}  // namespace cow::test

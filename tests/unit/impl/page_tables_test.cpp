#include "impl/page_tables.h"

#include <gtest/gtest.h>

namespace cow::impl {
namespace {

TEST(PageTables, FindsWhatWasMadeAndNothingElse) {
  PageTables t;
  const TableNo root = t.make_root();
  const Vpn far = (Vpn{3} << 27) + (Vpn{5} << 18) + (Vpn{7} << 9) + 11;
  EXPECT_EQ(t.find_entry(root, far), nullptr);
  Pte* table = t.ensure(root, far);
  ASSERT_NE(table, nullptr);
  table[11] = kPresent;
  EXPECT_EQ(*t.find_entry(root, far), kPresent);
  EXPECT_EQ(*t.find_entry(root, far + 1), 0u);
  EXPECT_EQ(t.find_entry(root, far + 512), nullptr);
  EXPECT_EQ(t.live(), 4u);
  EXPECT_EQ(t.count_reachable(root), 4u);
}

TEST(PageTables, RunsAreClippedAndInOrder) {
  PageTables t;
  const TableNo root = t.make_root();
  t.ensure(root, 0);
  t.ensure(root, 512);
  t.ensure(root, Vpn{1} << 27);
  std::vector<std::pair<Vpn, unsigned>> runs;
  t.for_each_run(root, 500, (Vpn{1} << 27) + 3, [&](Pte*, Vpn vpn, unsigned n) {
    runs.push_back({vpn, n});
    return true;
  });
  EXPECT_EQ(runs,
            (std::vector<std::pair<Vpn, unsigned>>{{500, 12}, {512, 512}, {Vpn{1} << 27, 3}}));
}

TEST(PageTables, AFailureLeavesNoTableBehind) {
  PageTables t;
  const TableNo root = t.make_root();
  for (unsigned nth = 1; nth <= 3; ++nth) {
    t.clear_failed();
    t.fail_at(nth);
    EXPECT_EQ(t.ensure(root, 9), nullptr);
    EXPECT_TRUE(t.failed());
    EXPECT_EQ(t.live(), 1u);
    EXPECT_EQ(t.count_reachable(root), 1u);
  }
  EXPECT_NE(t.ensure(root, 9), nullptr);
}

TEST(PageTables, ReleasedTablesComeBackZeroed) {
  PageTables t;
  const TableNo root = t.make_root();
  for (Vpn vpn = 0; vpn < 512 * 4; vpn += 512) t.ensure(root, vpn);
  t.release_range(root, 0, 512 * 4);
  EXPECT_EQ(t.live(), 1u);
  for (Vpn vpn = 0; vpn < 512 * 4; vpn += 512)
    for (unsigned i = 0; i < kTableEntries; ++i) ASSERT_EQ(t.ensure(root, vpn)[i], 0u);
}

}  // namespace
}  // namespace cow::impl

#include "impl/page_tables.h"

#include <gtest/gtest.h>

namespace cow::impl {
namespace {

TEST(PageTables, FindsWhatWasMadeAndNothingElse) {
  PageTables<Threads> t;
  const Pte root = t.make_root();
  const Vpn far = (Vpn{3} << 27) + (Vpn{5} << 18) + (Vpn{7} << 9) + 11;
  EXPECT_EQ(t.find_entry(root, far), nullptr);
  Pte* entry = t.ensure_entry(root, far);
  ASSERT_NE(entry, nullptr);
  *entry = kPresent;
  EXPECT_EQ(*t.find_entry(root, far), kPresent);
  EXPECT_EQ(*t.find_entry(root, far + 1), 0u);
  EXPECT_EQ(t.find_entry(root, far + 512), nullptr);
  EXPECT_EQ(t.live(), 4u);
  EXPECT_EQ(t.count_reachable(root), 4u);
}

TEST(PageTables, RunsAreClippedAndInOrder) {
  PageTables<Threads> t;
  const Pte root = t.make_root();
  t.ensure_entry(root, 0);
  t.ensure_entry(root, 512);
  t.ensure_entry(root, Vpn{1} << 27);
  std::vector<std::pair<Vpn, unsigned>> runs;
  t.for_each_run(root, 500, (Vpn{1} << 27) + 3, [&](Pte*, Vpn vpn, unsigned n) {
    runs.push_back({vpn, n});
    return true;
  });
  EXPECT_EQ(runs,
            (std::vector<std::pair<Vpn, unsigned>>{{500, 12}, {512, 512}, {Vpn{1} << 27, 3}}));
}

TEST(PageTables, AFailureLeavesTheTablesAboveIt) {
  PageTables<Threads> t;
  const Pte root = t.make_root();
  for (unsigned nth = 1; nth <= 3; ++nth) {
    t.clear_failed();
    t.fail_at(1);
    EXPECT_EQ(t.ensure_entry(root, Vpn{nth} << 27), nullptr);
    EXPECT_TRUE(t.failed());
    EXPECT_EQ(t.live(), 1u);
  }
  t.fail_at(3);
  EXPECT_EQ(t.ensure_entry(root, 9), nullptr);
  EXPECT_EQ(t.live(), 3u);
  EXPECT_EQ(t.count_reachable(root), 3u);
  EXPECT_TRUE(t.holds_what_it_says(root));
  EXPECT_NE(t.ensure_entry(root, 9), nullptr);
  EXPECT_EQ(t.live(), 4u);
}

TEST(PageTables, ReleasedTablesComeBackZeroed) {
  PageTables<Threads> t;
  const Pte root = t.make_root();
  for (Vpn vpn = 0; vpn < 512 * 4; vpn += 512) t.ensure_entry(root, vpn);
  t.free_chain(t.detach_range(root, 0, 512 * 4));
  EXPECT_EQ(t.live(), 1u);
  for (Vpn vpn = 0; vpn < 512 * 4; vpn += 512)
    for (unsigned i = 0; i < kTableEntries; ++i) ASSERT_EQ(t.ensure_entry(root, vpn)[i], 0u);
}

}  // namespace
}  // namespace cow::impl

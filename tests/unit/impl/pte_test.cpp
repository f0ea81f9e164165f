#include "impl/pte.h"

#include <gtest/gtest.h>

#include "impl/detail/entry.h"

namespace cow::impl {
namespace {

TEST(Pte, BitsStandWhereX86HasThem) {
  EXPECT_EQ(mk_pte(0x1234, kVmRead | kVmMayWrite), 0x8000'0000'0123'4000 | 0x825);
  EXPECT_EQ(maybe_mkwrite(0, kVmWrite), 2u);
  EXPECT_EQ(pte_mkdirty(0), 0x840u);
}

TEST(Pte, TheLargestFrameFits) {
  const Pte e = mk_pte(0xffff'fffe, kVmRead);
  EXPECT_EQ(pte_frame(e), 0xffff'fffeu);
  EXPECT_EQ(e & ~kFrameMask, mk_pte(0, kVmRead));
}

TEST(Pte, ProtNoneIsPresentForLinuxAndNotForHardware) {
  const Pte e = mk_pte(5, kVmMayWrite);
  EXPECT_EQ(e & kPresent, 0u);
  EXPECT_TRUE(pte_present(e));
  EXPECT_FALSE(pte_present(Pte{0}));
}

TEST(Pte, NoProtectionHasTheWriteBit) {
  EXPECT_FALSE(pte_write(protection_of(kVmRead | kVmWrite)));
}

}  // namespace
}  // namespace cow::impl

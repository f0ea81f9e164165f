#include "impl/vma.h"

#include <gtest/gtest.h>

#include "cow/rules.h"

namespace cow::impl {
namespace {

constexpr VmFlags kRo = kVmRead | kVmMayWrite;
constexpr VmFlags kRw = kRo | kVmWrite;
constexpr auto kNone = AnonVma::none, kOwn = AnonVma::own, kInherited = AnonVma::inherited;

Areas changed(const char* rule, Areas areas, std::uint32_t first, std::uint32_t end, VmFlags to) {
  areas.reserve(areas.size() + 2);
  change_flags(
      rule_bits(*find_rules(rule)), areas, first, end, [&](VmFlags) { return to; },
      [](std::uint32_t, std::uint32_t, VmFlags, VmFlags) {});
  return areas;
}

TEST(Vma, FindsTheAreaOfAPage) {
  const Areas areas = {{0, 2, kRw, kNone}, {4, 6, kRw, kNone}};
  EXPECT_EQ(find_area(areas, 1), &areas[0]);
  EXPECT_EQ(find_area(areas, 2), nullptr);
  EXPECT_EQ(find_area(areas, 5), &areas[1]);
  EXPECT_EQ(find_area(areas, 6), nullptr);
  EXPECT_TRUE(any_mapped(areas, 3, 5));
  EXPECT_FALSE(any_mapped(areas, 2, 4));
  EXPECT_FALSE(all_mapped(areas, 1, 5));
  EXPECT_TRUE(all_mapped(areas, 4, 6));
}

TEST(Vma, RemovesTheMiddleAndBothEnds) {
  Areas areas = {{0, 4, kRw, kOwn}, {4, 8, kRo, kOwn}};
  remove_range(areas, 1, 2);
  EXPECT_EQ(areas, (Areas{{0, 1, kRw, kOwn}, {2, 4, kRw, kOwn}, {4, 8, kRo, kOwn}}));
  remove_range(areas, 3, 5);
  EXPECT_EQ(areas, (Areas{{0, 1, kRw, kOwn}, {2, 3, kRw, kOwn}, {5, 8, kRo, kOwn}}));
  remove_range(areas, 0, 8);
  EXPECT_TRUE(areas.empty());
}

TEST(Vma, MovesARangeAndItsFlags) {
  Areas from = {{0, 4, kRw, kOwn}, {4, 8, kRw | kVmLocked, kInherited}, {8, 9, kRw, kNone}};
  Areas to;
  move_range(from, to, 2, 8);
  EXPECT_EQ(from, (Areas{{0, 2, kRw, kOwn}, {8, 9, kRw, kNone}}));
  EXPECT_EQ(to, (Areas{{0, 2, kRw, kOwn}, {2, 6, kRw | kVmLocked, kInherited}}));
  Areas middle;
  move_range(to, middle, 3, 4);
  EXPECT_EQ(middle, (Areas{{0, 1, kRw | kVmLocked, kInherited}}));
  EXPECT_EQ(to.size(), 3u);
}

TEST(Vma, SaysWhetherAnyAreaOfARangeHasAFlag) {
  const Areas areas = {{0, 2, kRw, kNone}, {4, 6, kRw | kVmLocked, kNone}};
  EXPECT_TRUE(any_has(areas, 0, 5, kVmLocked));
  EXPECT_TRUE(any_has(areas, 5, 6, kVmLocked));
  EXPECT_FALSE(any_has(areas, 0, 4, kVmLocked));
  EXPECT_FALSE(any_has(areas, 6, 9, kVmLocked));
}

TEST(Vma, LockedAndUnlockedDoNotMerge) {
  const Areas areas = {{0, 2, kRw | kVmLocked, kOwn}, {2, 4, kRo, kOwn}};
  EXPECT_EQ(changed("6.15", areas, 2, 4, kRw).size(), 2u);
  EXPECT_EQ(changed("6.15", areas, 2, 4, kRw | kVmLocked).size(), 1u);
}

TEST(Vma, SplitsWhereNothingMerges) {
  EXPECT_EQ(changed("5.14", {{0, 6, kRw, kOwn}}, 2, 4, kRo),
            (Areas{{0, 2, kRw, kOwn}, {2, 4, kRo, kOwn}, {4, 6, kRw, kOwn}}));
}

TEST(Vma, MergesWithBothNeighbours) {
  const Areas three = {{0, 2, kRw, kOwn}, {2, 4, kRo, kOwn}, {4, 6, kRw, kOwn}};
  EXPECT_EQ(changed("5.14", three, 2, 4, kRw), (Areas{{0, 6, kRw, kOwn}}));
}

TEST(Vma, APieceWithoutAnonVmaBridgesOnlyNeighboursThatAgree) {
  const Areas three = {{0, 2, kRw, kNone}, {2, 4, kRo, kNone}, {4, 6, kRw, kOwn}};
  EXPECT_EQ(changed("5.14", three, 2, 4, kRw), (Areas{{0, 6, kRw, kOwn}}));
  const Areas apart = {{0, 2, kRw, kOwn}, {2, 4, kRo, kInherited}, {4, 6, kRw, kInherited}};
  EXPECT_EQ(changed("5.14", apart, 2, 4, kRw), (Areas{{0, 2, kRw, kOwn}, {2, 6, kRw, kInherited}}));
}

TEST(Vma, APartOfAnAreaMovesToTheNeighbourItTouches) {
  const Areas left = {{0, 2, kRo, kNone}, {2, 6, kRw, kNone}};
  EXPECT_EQ(changed("5.14", left, 2, 3, kRo), (Areas{{0, 3, kRo, kNone}, {3, 6, kRw, kNone}}));
  const Areas right = {{0, 4, kRw, kNone}, {4, 6, kRo, kOwn}};
  EXPECT_EQ(changed("5.14", right, 3, 4, kRo), (Areas{{0, 3, kRw, kNone}, {3, 6, kRo, kOwn}}));
}

TEST(Vma, EmptyMergesIntoOwnButOwnIntoEmptyOnlyLater) {
  const Areas touched = {{0, 2, kRo, kOwn}, {2, 4, kRw, kNone}};
  EXPECT_EQ(changed("5.14", touched, 0, 2, kRw).size(), 2u);
  EXPECT_EQ(changed("6.15", touched, 0, 2, kRw), (Areas{{0, 4, kRw, kOwn}}));
  EXPECT_EQ(changed("5.14", touched, 2, 4, kRo), (Areas{{0, 4, kRo, kOwn}}));
  const Areas inherited = {{0, 2, kRo, kInherited}, {2, 4, kRw, kNone}};
  EXPECT_EQ(changed("6.15", inherited, 0, 2, kRw).size(), 2u);
  EXPECT_EQ(changed("6.15", inherited, 2, 4, kRo).size(), 2u);
}

TEST(Vma, ARangeOfSeveralAreasMergesLeftToRight) {
  const Areas mixed = {{0, 1, kRw, kOwn}, {1, 2, kRo, kOwn}, {2, 3, kRw, kOwn}, {3, 4, kRo, kOwn}};
  EXPECT_EQ(changed("5.14", mixed, 0, 4, kRw), (Areas{{0, 4, kRw, kOwn}}));
  EXPECT_EQ(changed("5.14", mixed, 0, 4, kRo), (Areas{{0, 4, kRo, kOwn}}));
}

}  // namespace
}  // namespace cow::impl

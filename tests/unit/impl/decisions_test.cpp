#include "impl/decisions.h"

#include <gtest/gtest.h>

namespace cow::impl {
namespace {

constexpr PageCounts counts(PageCounts mapcount, PageCounts refcount) {
  return mapcount << kMapcountShift | refcount;
}
constexpr RuleBits<bool> rules(const char* name) { return rule_bits(*find_rules(name)); }
constexpr PageFlags kAnon = static_cast<PageFlags>(Kind::anon);
constexpr PageFlags kFile = static_cast<PageFlags>(Kind::file);
constexpr PageFlags kShmem = static_cast<PageFlags>(Kind::shmem);
constexpr PageFlags kZero = static_cast<PageFlags>(Kind::zero);
constexpr VmFlags kPrivateRo = kVmMayWrite | kVmRead;
constexpr VmFlags kPrivateRw = kPrivateRo | kVmWrite;
constexpr VmFlags kSharedRw = kPrivateRw | kVmShared;

// The decisions are constant expressions.
static_assert(mapcount_of(counts(0xffff'ffff, 7)) == 0xffff'ffff);
static_assert(refcount_of(counts(0xffff'ffff, 7)) == 7);
static_assert(is_cow_mapping(kPrivateRo));
static_assert(!is_cow_mapping(kSharedRw));

// A word and a truth value as a proof has them: no conversion to bool, so that an `if`, a `?:` or a
// short circuit in a decision would not compile.
struct Truth {
  bool is;
};
constexpr Truth operator!(Truth t) { return {!t.is}; }
constexpr Truth operator&&(Truth x, Truth y) { return {x.is && y.is}; }
constexpr Truth operator||(Truth x, Truth y) { return {x.is || y.is}; }
constexpr Truth operator&&(bool x, Truth y) { return {x && y.is}; }
constexpr Truth operator||(bool x, Truth y) { return {x || y.is}; }

template <class Width> struct Word {
  constexpr explicit Word(std::uint64_t v) : value(static_cast<Width>(v)) {}
  Width value;
};
template <class W> constexpr Word<W> operator&(Word<W> x, Word<W> y) {
  return Word<W>(x.value & y.value);
}
template <class W> constexpr Word<W> operator+(Word<W> x, Word<W> y) {
  return Word<W>(x.value + y.value);
}
template <class W> constexpr Word<W> operator>>(Word<W> x, Word<W> y) {
  return Word<W>(x.value >> y.value);
}
template <class W> constexpr Truth operator==(Word<W> x, Word<W> y) { return {x.value == y.value}; }
template <class W> constexpr Truth operator!=(Word<W> x, Word<W> y) { return {x.value != y.value}; }
template <class W> constexpr Truth operator>=(Word<W> x, Word<W> y) { return {x.value >= y.value}; }

template <class Rule> void call_every_decision(const RuleBits<Rule>& r) {
  const Word<PageCounts> page(counts(1, 1));
  const Word<PageFlags> flags(kAnon), anon_vma(1);
  const Word<VmFlags> area(kPrivateRw), gup(kFollWrite);
  const Word<Pte> entry(kPresent | kWrite);
  EXPECT_TRUE(access_allowed(area, Truth{true}).is);
  const Word<PageCounts> none(0), one(1);
  EXPECT_TRUE(wp_can_reuse(r, page, flags, none).is);
  EXPECT_FALSE(reuse_swap_page(r, page, flags, one).is);
  EXPECT_TRUE(huge_reuse(r, page, flags).is);
  EXPECT_FALSE(large_folio_reuse(r, page, page, one).is);
  EXPECT_FALSE(reclaim_spares(r, page, flags).is);
  EXPECT_TRUE(only_mapped(page, none).is);
  EXPECT_FALSE(uffd_wp(area, entry).is);
  EXPECT_TRUE(vma_needs_copy(area, anon_vma).is);
  EXPECT_FALSE(page_needs_cow_for_dma(r, Truth{true}, area, page, flags).is);
  EXPECT_TRUE(fork_wrprotects(area, entry).is);
  EXPECT_TRUE(gup_area_allowed(area, gup).is);
  EXPECT_TRUE(can_follow_write_pte(r, area, gup, entry, flags).is);
  EXPECT_FALSE(gup_must_unshare(r, area, gup, flags).is);
  EXPECT_TRUE(can_change_pte_writable(r, area, entry, flags).is);
  EXPECT_TRUE(populates_for_writing(area).is);
  EXPECT_FALSE(mprotect_populates(area, area).is);
  EXPECT_TRUE(anon_vmas_mergeable(r, anon_vma, anon_vma).is);
  EXPECT_TRUE(neighbours_mergeable(anon_vma, anon_vma).is);
}

TEST(Decisions, TakeSymbolicWordsWithPlainAndSymbolicRules) {
  call_every_decision(rules("5.14"));
  call_every_decision(each_rule<Truth>(rules("5.14"), [](bool answer) { return Truth{answer}; }));
}

TEST(WpCanReuse, AsTheTableSays) {
  struct Case {
    PageCounts counts;
    PageFlags flags;
    bool v5_7, v5_14, v5_18, v5_19;
    PageCounts swapcount = 0;
  };
  const auto of = [](Kind kind) { return static_cast<PageFlags>(kind); };
  const Case cases[] = {
      {counts(1, 1), kAnon, true, true, true, true},
      {counts(1, 2), kAnon, true, false, false, false},
      {counts(2, 2), kAnon, false, false, false, false},
      {counts(2, 1), kAnon, false, false, true, true},  // never at rest: where the rules differ
      {counts(1, 2), kAnon | kExclusive, true, false, false, true},
      {counts(1, 1), kFile, false, false, false, false},
      {counts(1, 1), kZero, false, false, false, false},
      {counts(1, 1025), kAnon, true, false, false, false},
      // The swap cache holds one reference. 5.14 never takes a page out of it.
      {counts(1, 2), of(kSwapCachePage), true, false, true, true},
      {counts(1, 2), of(kSwapCachePage), false, false, false, false, 1},
      {counts(1, 3), of(kSwapCachePage), true, false, false, false},
      {counts(1, 1), of(kKsmPage), true, false, false, false},
      {counts(1, 2), of(kKsmPage), false, false, false, false},
      {counts(1, 2), of(kKsmSwapCachePage), false, false, false, false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(wp_can_reuse(rules("5.7"), c.counts, c.flags, c.swapcount), c.v5_7);
    EXPECT_EQ(wp_can_reuse(rules("5.14"), c.counts, c.flags, c.swapcount), c.v5_14);
    EXPECT_EQ(wp_can_reuse(rules("5.18"), c.counts, c.flags, c.swapcount), c.v5_18);
    EXPECT_EQ(wp_can_reuse(rules("5.19"), c.counts, c.flags, c.swapcount), c.v5_19);
    EXPECT_EQ(wp_can_reuse(rules("6.15"), c.counts, c.flags, c.swapcount), c.v5_19);
  }
}

TEST(ReuseSwapPage, CountsEntriesAndNoReferences) {
  for (const char* old : {"5.7", "5.14"}) {
    EXPECT_TRUE(reuse_swap_page(rules(old), counts(0, 5), kAnon, PageCounts{1}));
    EXPECT_FALSE(reuse_swap_page(rules(old), counts(0, 1), kAnon, PageCounts{2}));
    EXPECT_FALSE(reuse_swap_page(rules(old), counts(1, 2), kAnon, PageCounts{1}));
  }
  EXPECT_FALSE(reuse_swap_page(rules("5.18"), counts(0, 1), kAnon, PageCounts{1}));
}

TEST(ReclaimSpares, WhatMayBePinned) {
  EXPECT_FALSE(reclaim_spares(rules("5.7"), counts(1, 1025), kAnon));
  EXPECT_TRUE(reclaim_spares(rules("5.14"), counts(1, 1025), kAnon));
  EXPECT_FALSE(reclaim_spares(rules("5.14"), counts(1, 1023), kAnon));
}

TEST(PageNeedsCowForDma, AsksPinsMappingAndKind) {
  const auto needs = [](const char* rule, bool has_pinned, VmFlags area, PageCounts refs,
                        PageFlags flags) {
    return page_needs_cow_for_dma(rules(rule), has_pinned, area, counts(1, refs), flags);
  };
  EXPECT_TRUE(needs("5.14", true, kPrivateRw, 1024, kAnon));
  EXPECT_FALSE(needs("5.14", true, kPrivateRw, 1023, kAnon));
  EXPECT_FALSE(needs("5.14", false, kPrivateRw, 1025, kAnon));
  EXPECT_FALSE(needs("5.14", true, kSharedRw, 1025, kAnon));
  EXPECT_FALSE(needs("5.7", true, kPrivateRw, 1025, kAnon));
  EXPECT_TRUE(needs("5.14", true, kPrivateRw, 1025, kFile));
  EXPECT_FALSE(needs("5.19", true, kPrivateRw, 1025, kFile));
  EXPECT_FALSE(needs("5.19", true, kPrivateRw, 1025, kAnon));
  EXPECT_TRUE(needs("5.19", true, kPrivateRw, 1025, kAnon | kExclusive));
}

TEST(VmaNeedsCopy, OnlyWithAnonVmaAndNeitherDontforkNorWipeonfork) {
  EXPECT_TRUE(vma_needs_copy(kPrivateRw, std::uint8_t{1}));
  EXPECT_TRUE(vma_needs_copy(kPrivateRw, std::uint8_t{2}));
  EXPECT_FALSE(vma_needs_copy(kPrivateRw, std::uint8_t{0}));
  EXPECT_FALSE(vma_needs_copy(kPrivateRw | kVmDontCopy, std::uint8_t{1}));
  EXPECT_FALSE(vma_needs_copy(kPrivateRw | kVmWipeOnFork, std::uint8_t{1}));
}

TEST(CanFollowWritePte, ForceNeedsTheMarkOfACowStep) {
  const GupFlags forced = kFollWrite | kFollForce;
  const auto may = [](const char* rule, VmFlags area, GupFlags gup, Pte e, PageFlags flags) {
    return can_follow_write_pte(rules(rule), area, gup, e, flags);
  };
  EXPECT_TRUE(may("5.14", kPrivateRw, kFollWrite, kPresent | kWrite, kAnon));
  EXPECT_FALSE(may("5.14", kPrivateRo, forced, kPresent | kDirty, kAnon));
  EXPECT_TRUE(may("5.14", kPrivateRo, forced | kFollCow, kPresent | kDirty, kAnon));
  EXPECT_FALSE(may("5.14", kPrivateRo, forced | kFollCow, kPresent, kAnon));
  EXPECT_FALSE(may("5.14", kPrivateRw, forced | kFollCow, kPresent | kDirty, kAnon));
  EXPECT_TRUE(may("6.15", kPrivateRo, forced, kPresent | kSoftDirty, kAnon | kExclusive));
  EXPECT_FALSE(may("6.15", kPrivateRo, forced, kPresent, kAnon | kExclusive));
  EXPECT_FALSE(may("6.15", kPrivateRo, forced, kPresent | kSoftDirty, kAnon));
  EXPECT_FALSE(may("6.15", kPrivateRo, forced | kFollCow, kPresent | kDirty, kFile));
}

TEST(HugeReuse, AsksForMappingsOrForReferences) {
  const auto may = [](const char* rule, PageCounts folio, PageFlags flags) {
    return huge_reuse(rules(rule), folio, flags);
  };
  EXPECT_TRUE(may("5.14", counts(1, 2), kAnon));
  EXPECT_FALSE(may("5.14", counts(2, 2), kAnon));
  EXPECT_TRUE(may("5.18", counts(1, 1), kAnon));
  EXPECT_FALSE(may("5.18", counts(1, 2), kAnon));
  EXPECT_FALSE(may("5.18", counts(1, 1025), kAnon | kExclusive));
  EXPECT_TRUE(may("5.19", counts(1, 1025), kAnon | kExclusive));
}

TEST(LargeFolioReuse, WantsAllToBeTheProcesssOwn) {
  const auto may = [](const char* rule, PageCounts mappings, PageCounts own, PageCounts refs) {
    return large_folio_reuse(rules(rule), mappings, own, refs);
  };
  EXPECT_TRUE(may("6.15", 511, 511, 511));
  EXPECT_FALSE(may("6.15", 511, 510, 511));
  EXPECT_FALSE(may("6.15", 511, 511, 512));
  EXPECT_FALSE(may("6.15", 1, 1, 1));  // as any page
  EXPECT_FALSE(may("5.19", 511, 511, 511));
  EXPECT_TRUE(asks_most_mapped(rules("5.7")));
  EXPECT_FALSE(asks_most_mapped(rules("5.14")));
}

TEST(GupMustUnshare, ReadOnlyPinsAlone) {
  const auto must = [](const char* rule, VmFlags area, GupFlags gup, PageFlags flags) {
    return gup_must_unshare(rules(rule), area, gup, flags);
  };
  EXPECT_TRUE(must("5.19", kPrivateRw, kFollPin, kAnon));
  EXPECT_FALSE(must("5.19", kPrivateRw, kFollPin, kAnon | kExclusive));
  EXPECT_FALSE(must("5.19", kPrivateRw, 0, kAnon));
  EXPECT_FALSE(must("5.19", kPrivateRw, kFollPin | kFollWrite, kAnon));
  EXPECT_FALSE(must("5.18", kPrivateRw, kFollPin, kAnon));
  EXPECT_FALSE(must("5.19", kPrivateRw, kFollPin | kFollLongterm, kZero));
  EXPECT_TRUE(must("6.15", kPrivateRw, kFollPin | kFollLongterm, kZero));
  EXPECT_TRUE(must("6.15", kPrivateRw, kFollPin | kFollLongterm, kFile));
  EXPECT_FALSE(must("6.15", kPrivateRw, kFollPin, kFile));
  EXPECT_FALSE(must("6.15", kSharedRw, kFollPin | kFollLongterm, kFile));
}

TEST(Populating, WritesWherePrivateMemoryIsWritable) {
  EXPECT_TRUE(populates_for_writing(kPrivateRw));
  EXPECT_FALSE(populates_for_writing(kPrivateRo));
  EXPECT_FALSE(populates_for_writing(kSharedRw));
}

TEST(Populating, FollowsAnMprotectThatMakesLockedPrivateMemoryWritable) {
  const VmFlags ro = kPrivateRo | kVmLocked, rw = kPrivateRw | kVmLocked;
  EXPECT_TRUE(mprotect_populates(ro, rw));
  EXPECT_TRUE(mprotect_populates(ro & ~kVmRead, rw));
  EXPECT_FALSE(mprotect_populates(kPrivateRo, kPrivateRw));
  EXPECT_FALSE(mprotect_populates(rw, rw));
  EXPECT_FALSE(mprotect_populates(rw, ro));
  EXPECT_FALSE(mprotect_populates(ro | kVmShared, rw | kVmShared));
}

TEST(CanChangePteWritable, PrivateOnlyIfExclusiveSharedIfNobodyAsks) {
  const auto may = [](const char* rule, VmFlags area, Pte e, PageFlags flags) {
    return can_change_pte_writable(rules(rule), area, e | kPresent, flags);
  };
  EXPECT_FALSE(may("5.14", kPrivateRw, kSoftDirty, kAnon | kExclusive));  // EXIT-4
  EXPECT_TRUE(may("6.15", kPrivateRw, kSoftDirty, kAnon | kExclusive));
  EXPECT_FALSE(may("6.15", kPrivateRw, 0, kAnon | kExclusive));
  EXPECT_FALSE(may("6.15", kPrivateRw, kSoftDirty, kAnon));
  EXPECT_FALSE(may("6.15", kPrivateRo, kSoftDirty, kAnon | kExclusive));
  EXPECT_TRUE(may("5.14", kSharedRw, 0, kShmem));
  EXPECT_FALSE(may("5.14", kSharedRw, 0, kFile));
  EXPECT_TRUE(may("5.14", kSharedRw, kDirty, kFile));
}

}  // namespace
}  // namespace cow::impl

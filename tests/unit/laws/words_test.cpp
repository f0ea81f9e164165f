#include "laws/words.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "laws/random.h"

namespace cow::laws {
namespace {

Words random_words(Random& random, std::size_t n) {
  Words words(n);
  for (std::uint64_t& w : words) w = random.next();
  return words;
}

Case decoded(const Profile& profile, const Words& words, std::size_t size = 50) {
  Case test;
  Decoder(profile).decode(words, size, test);
  return test;
}

TEST(Words, AnyWordsAreATraceWithinItsBounds) {
  Random random(1);
  for (const Profile& p : profiles())
    for (int i = 0; i < 300; ++i) {
      const Case test = decoded(p, random_words(random, 60));
      EXPECT_LE(test.steps.size(), 50u);
      for (const Step& s : test.steps) {
        EXPECT_LT(index(s.process), p.processes);
        EXPECT_LT(index(s.child), p.processes);
        EXPECT_LE(s.first, s.last);
        EXPECT_LT(s.cell, kCells);
        if (s.op == Op::remap) {
          EXPECT_LE(index(s.to), p.regions);
        }
        if (s.op == Op::map) {
          EXPECT_GE(s.count, 1u);
          EXPECT_LE(s.count, p.pages);
        }
        if (s.op == Op::map && s.backing == Backing::file) {
          EXPECT_LT(index(s.file), test.setup.files.size());
        }
      }
    }
}

TEST(Words, ExtremeWordsAreTraces) {
  for (const Profile& p : profiles()) {
    EXPECT_TRUE(decoded(p, {}).steps.empty());
    EXPECT_TRUE(decoded(p, {0}).steps.empty());
    EXPECT_FALSE(decoded(p, Words(10, 0)).steps.empty());
    EXPECT_FALSE(decoded(p, Words(10, ~std::uint64_t{0})).steps.empty());
  }
}

TEST(Words, TheSameWordsAreTheSameTrace) {
  Random random(2);
  const Words words = random_words(random, 50);
  const Profile& p = profile("everything");
  Decoder decoder(p);
  Case first, second;
  decoder.decode(words, 50, first);
  decoder.decode(random_words(random, 50), 50, second);
  decoder.decode(words, 50, second);
  EXPECT_EQ(first.steps, second.steps);
  EXPECT_EQ(first.setup, second.setup);
}

// What comes later cannot change what came before: a shorter vector is the start of the same trace.
TEST(Words, APrefixOfWordsIsAPrefixOfSteps) {
  Random random(3);
  for (int i = 0; i < 200; ++i) {
    const Words words = random_words(random, 40);
    const Case whole = decoded(profile("everything"), words, 1000);
    const Case part =
        decoded(profile("everything"), Words(words.begin(), words.begin() + 20), 1000);
    ASSERT_LE(part.steps.size(), whole.steps.size());
    EXPECT_TRUE(std::equal(part.steps.begin(), part.steps.end(), whole.steps.begin()));
  }
}

TEST(Words, PlainReadWriteGetsOnlyWhereAllowed) {
  Random random(4);
  const Profile with = with_get_rw(profile("references"));
  int found = 0;
  for (int i = 0; i < 300; ++i) {
    const Words words = random_words(random, 50);
    for (const Step& s : decoded(profile("references"), words).steps)
      EXPECT_FALSE(s.op == Op::pin && !s.foll_pin && s.prot == Prot::rw);
    for (const Step& s : decoded(with, words).steps)
      found += s.op == Op::pin && !s.foll_pin && s.prot == Prot::rw;
  }
  EXPECT_GT(found, 0);
}

TEST(Words, EveryOperationIsMade) {
  Random random(5);
  std::array<bool, static_cast<std::size_t>(Op::sys_fail_table) + 1> made{};
  for (int i = 0; i < 500; ++i)
    for (const Step& s : decoded(profile("tables"), random_words(random, 50)).steps)
      made[static_cast<std::size_t>(s.op)] = true;
  EXPECT_TRUE(std::all_of(made.begin(), made.end(), [](bool b) { return b; }));
}

// Which pages are mapped, by the steps that take them and give them.
class MappedPages {
 public:
  // Whether each page of its range is mapped, before the step.
  bool covers(const Step& s) {
    std::set<std::uint32_t>& from = at(s.process, s.region);
    for (std::uint32_t page = s.first; page <= s.last; ++page)
      if (from.count(page) == 0) return false;
    return true;
  }
  bool moves(const Step& s) { return covers(s) && at(s.process, s.to).empty(); }

  void take(const Step& s) {
    std::set<std::uint32_t>& here = at(s.process, s.region);
    if (s.op == Op::map)
      for (std::uint32_t page = 0; page < s.count; ++page) here.insert(page);
    const bool moved = s.op == Op::remap && moves(s);
    if (moved)
      for (std::uint32_t page = s.first; page <= s.last; ++page)
        at(s.process, s.to).insert(page - s.first);
    if (s.op == Op::unmap || moved) here.erase(here.lower_bound(s.first), here.upper_bound(s.last));
    if (s.op == Op::fork) pages_[index(s.child)] = pages_[index(s.process)];
    if (s.op == Op::exit) pages_[index(s.process)] = {};
  }

 private:
  std::set<std::uint32_t>& at(Pid p, Region r) { return pages_[index(p)][index(r)]; }
  std::array<std::array<std::set<std::uint32_t>, 8>, 8> pages_;
};

TEST(Words, MostMovesAndLocksAreOfMappedPages) {
  Random random(6);
  int remaps = 0, moved = 0, locks = 0, locked = 0, refused = 0;
  for (int i = 0; i < 300; ++i) {
    MappedPages pages;
    for (const Step& s : decoded(profile("moves"), random_words(random, 60)).steps) {
      remaps += s.op == Op::remap;
      moved += s.op == Op::remap && pages.moves(s);
      locks += s.op == Op::lock || s.op == Op::unlock;
      locked += (s.op == Op::lock || s.op == Op::unlock) && pages.covers(s);
      refused += s.op == Op::remap && s.to == s.region;
      pages.take(s);
    }
  }
  EXPECT_GT(remaps, 500);
  EXPECT_GT(moved * 4, remaps * 3);
  EXPECT_GT(locks, 500);
  EXPECT_GT(locked * 4, locks * 3);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace cow::laws

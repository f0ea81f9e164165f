// What must be found from nothing, and shrunk to what a person would type.
#include "laws/find.h"

#include <gtest/gtest.h>

#include "cow/rules.h"

namespace cow::laws {
namespace {

struct Search {
  const char* verdict;
  std::size_t rule;
};
void PrintTo(const Search& s, std::ostream* out) {
  *out << s.verdict << " " << kRules[s.rule].name;
}

class FromNothing : public testing::TestWithParam<Search> {};

TEST_P(FromNothing, IsFoundWithEachSeedInSevenStepsAtMost) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto found = find_witness(laws_for(GetParam().verdict), kRules[GetParam().rule], seed,
                                    20'000, 50, specification_alone);
    ASSERT_TRUE(found) << "seed " << seed;
    EXPECT_LE(found->test.steps.size(), 7u) << "seed " << seed;
    EXPECT_FALSE(found->law.get_rw) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Known, FromNothing,
                         testing::Values(Search{"missed", 0}, Search{"ISO-1", 0},
                                         Search{"wrong", 1}, Search{"COH-1", 1}, Search{"COH-2", 1},
                                         Search{"unnecessary", 1}));

TEST(Find, PlainReadWriteGetsAreNamedUnderEveryRuleSet) {
  for (const Rules& rules : kRules) {
    const auto found = find_witness(laws_for("ISO-2"), rules, 1, 4000, 50, specification_alone);
    ASSERT_TRUE(found) << rules.name;
    EXPECT_LE(found->test.steps.size(), 7u);
    EXPECT_TRUE(found->law.get_rw || rules.name == "5.7") << rules.name;
  }
}

TEST(Find, NothingWhereTheRuleSetHasIt) {
  EXPECT_FALSE(find_witness(laws_for("COH-2"), kRules[3], 1, 2000, 50, specification_alone));
  EXPECT_FALSE(find_witness(laws_for("INT-1"), kRules[1], 1, 500, 50, specification_alone));
}

TEST(Find, KnowsWordsAndClauses) {
  EXPECT_FALSE(laws_for("FORK-2").empty());
  EXPECT_TRUE(laws_for("mistaken").empty());
}

}  // namespace
}  // namespace cow::laws

// Every decision is proved equal, and the proof's own doubts are settled.
#include "prove/equal.h"

#include <gtest/gtest.h>

#include <set>

#include "prove/decision_table.h"

namespace cow::prove {
namespace {

class Equal : public testing::TestWithParam<Rules> {};

TEST_P(Equal, EveryDecisionIsProved) {
  std::set<std::string> decisions;
  const Totals totals = prove_equal(GetParam(), [&](const Obligation& o) {
    EXPECT_EQ(o.answer, Answer::proved) << o.step;
    EXPECT_EQ(o.rule, GetParam().name);
    decisions.insert(o.step);
  });
  EXPECT_EQ(totals.failed, 0);
  EXPECT_EQ(decisions.size(), all_decisions().size());
}

INSTANTIATE_TEST_SUITE_P(EveryRuleSet, Equal, testing::ValuesIn(kRules));

TEST(EqualUnderAnyRules, EveryDecisionIsProved) {
  const Totals totals = prove_equal_any_rules(
      [](const Obligation& o) { EXPECT_EQ(o.answer, Answer::proved) << o.step; });
  EXPECT_EQ(totals.failed, 0);
}

TEST(EqualDoubt, WrongVariantsAreRefutedByAnInput) {
  int doubts = 0;
  doubt_equal([&](const Doubt& d) {
    EXPECT_TRUE(d.settled) << d.what;
    ++doubts;
  });
  EXPECT_GT(doubts, 100);
}

TEST(EqualTable, NamesEveryDecisionOnceAndDoubtsTheLargeOnes) {
  std::set<std::string> names;
  for (const Decision& d : all_decisions()) EXPECT_TRUE(names.insert(d.name).second) << d.name;
  for (const Decision& d : page_decisions()) EXPECT_FALSE(d.wrong.empty()) << d.name;
  for (const Decision& d : use_decisions()) EXPECT_FALSE(d.wrong.empty()) << d.name;
}

}  // namespace
}  // namespace cow::prove

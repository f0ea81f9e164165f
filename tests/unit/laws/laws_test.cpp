#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "laws/check_law.h"
#include "laws/law.h"
#include "laws/words.h"

namespace cow::laws {
namespace {

TEST(Laws, HaveNamesOfTheirOwnAClauseAndASentence) {
  std::set<std::string_view> names;
  for (const Law& law : laws()) {
    EXPECT_TRUE(names.insert(law.name).second) << law.name;
    EXPECT_FALSE(law.clauses.empty()) << law.name;
    EXPECT_EQ(law.text.back(), '.') << law.name;
    EXPECT_EQ(law.findings & ~law.rules, 0) << law.name;
    profile(law.profile);
  }
}

TEST(Laws, CoverTheClausesOfTheCore) {
  for (const char* clause :
       {"ISO-1",   "ISO-2",   "COH-1",  "COH-2",  "MIN-1",   "INT-1",  "FORK-1",  "FORK-2",
        "FORK-3",  "FORK-5",  "FORK-6", "WP-1",   "WP-4",    "WP-5",   "REUSE-1", "REUSE-2",
        "REUSE-3", "REUSE-4", "COPY-1", "COPY-2", "COPY-3",  "COPY-4", "CNT-1",   "CNT-2",
        "CNT-3",   "CNT-4",   "ZERO-1", "ZERO-2", "FILE-1",  "FILE-2", "SHM-1",   "PIN-1",
        "PIN-3",   "PIN-4",   "PIN-5",  "PIN-6",  "FORCE-1", "PROT-1", "ADV-2",   "SOFT-1",
        "EXIT-1",  "EXIT-2",  "EXIT-3", "EXIT-4", "ERR-1",   "ERR-2",  "ERR-3",   "ERR-4",
        "STEP-1",  "LIVE-1",  "SWAP-1", "SWAP-2", "SWAP-3",  "CNT-5",  "KSM-1",   "KSM-2",
        "KSM-3",   "MIG-1",   "MIG-2",  "WP-2",   "FORK-8",  "UFFD-1", "ADV-3"})
    EXPECT_TRUE(std::any_of(laws().begin(), laws().end(), [&](const Law& law) {
      return answers_to(law, clause);
    })) << clause;
}

TEST(Laws, AnswerToTheirNameAndToWholeClauses) {
  const Law law{"some-law", "FORK-1 COPY-12", "Text.", "core", nullptr};
  EXPECT_TRUE(answers_to(law, "some-law"));
  EXPECT_TRUE(answers_to(law, "FORK-1"));
  EXPECT_TRUE(answers_to(law, "COPY-12"));
  EXPECT_FALSE(answers_to(law, "COPY-1"));
  EXPECT_FALSE(answers_to(law, "FORK-1 COPY-12"));
  EXPECT_FALSE(answers_to(law, ""));
}

class EachLaw : public testing::TestWithParam<std::size_t> {};

TEST_P(EachLaw, HoldsWhereItShouldAndMeetsItsCase) {
  const Law& law = laws()[GetParam()];
  for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
    if ((law.rules >> rule & 1u) == 0) continue;
    const Checked checked = check_law(law, rule, {1, 60, 50}, specification_and_implementation);
    const bool finding = (law.findings >> rule & 1u) != 0;
    EXPECT_EQ(checked.broken, finding) << law.name << " " << kRules[rule].name << checked.said;
    EXPECT_GT(checked.met, 0u) << law.name << " " << kRules[rule].name;
    if (finding) {
      EXPECT_LE(checked.witness.steps.size(), 8u) << law.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EachLaw, testing::Range<std::size_t>(0, laws().size()),
                         [](const testing::TestParamInfo<std::size_t>& at) {
                           std::string name(laws()[at.param].name);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(CheckLaw, IsTheSameForASeed) {
  const Law& law = *std::find_if(laws().begin(), laws().end(),
                                 [](const Law& l) { return l.name == "ro-pin-stays"; });
  const Checked once = check_law(law, 1, {7, 100, 50}, specification_and_implementation);
  const Checked twice = check_law(law, 1, {7, 100, 50}, specification_and_implementation);
  EXPECT_EQ(once.cases, twice.cases);
  EXPECT_EQ(once.tally.steps, twice.tally.steps);
  EXPECT_EQ(once.witness.steps, twice.witness.steps);
}

}  // namespace
}  // namespace cow::laws

#include "laws/witness.h"

#include <gtest/gtest.h>

#include "trace/parse.h"
#include "trace/print.h"

namespace cow::laws {
namespace {

// Pin, protect ro, protect rw, write: stale under 5.14 and 5.18.
Case stale_pin() {
  Case test;
  test.steps = {{.op = Op::map, .count = 1},
                {.op = Op::pin, .ref = Ref{0}},
                {.op = Op::protect, .prot = Prot::ro},
                {.op = Op::protect},
                {.op = Op::write, .value = 1}};
  return test;
}

TEST(Witness, SaysTheVerdictOfEachRuleSet) {
  const Case test = stale_pin();
  const trace::Verdict none, wrong = {"wrong"};
  EXPECT_EQ(verdict_of(test, 0), none);
  EXPECT_EQ(verdict_of(test, 1), wrong);
  EXPECT_EQ(verdict_of(test, 2), wrong);
  EXPECT_EQ(verdict_of(test, 3), none);
  EXPECT_EQ(verdict_of(test, 4), none);
}

TEST(Witness, ReadsBackAsTheSameCase) {
  const std::string text = trace::print(witness("stale", "Why?", "COH-1 REUSE-1", stale_pin()));
  const auto parsed = trace::parse("stale.cow", text, trace::NameRule::equals_stem);
  ASSERT_TRUE(std::holds_alternative<trace::Trace>(parsed)) << text;
  const auto& trace = std::get<trace::Trace>(parsed);
  EXPECT_EQ(trace.clauses, (std::vector<std::string>{"COH-1", "REUSE-1"}));
  const std::optional<Case> again = case_of(trace);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->steps, stale_pin().steps);
}

TEST(Witness, HasANameThatAFileMayHave) {
  EXPECT_EQ(witness_name("rw-pin-stays", "5.14"), "rw-pin-stays-5-14");
}

}  // namespace
}  // namespace cow::laws

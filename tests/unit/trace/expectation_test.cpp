// Expectations by rule set: what is asked, what is admitted.
#include "cow/outcome.h"
#include "reading.h"

namespace cow::trace {
namespace {

std::uint32_t number(Outcome outcome) { return static_cast<std::uint32_t>(outcome); }

TEST(Expectation, AsksNothingByDefault) {
  const StepLine line = read_step("P0 write a = 1");
  EXPECT_TRUE(line.outcome.empty());
  EXPECT_EQ(line.outcome.find(0), nullptr);
  EXPECT_TRUE(line.outcome.admits(0, number(Outcome::segv)));
}

TEST(Expectation, OneWordStandsForEveryRule) {
  const StepLine line = read_step("P0 write a = 1 -> copied");
  for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
    EXPECT_TRUE(line.outcome.admits(rule, number(Outcome::copied)));
    EXPECT_FALSE(line.outcome.admits(rule, number(Outcome::reused)));
  }
}

TEST(Expectation, StarStandsForEveryOtherRule) {
  const StepLine line = read_step("P0 write a = 1 -> *:copied 5.7:{reused,hit}");
  EXPECT_TRUE(line.outcome.admits(0, number(Outcome::hit)));
  EXPECT_TRUE(line.outcome.admits(0, number(Outcome::reused)));
  EXPECT_FALSE(line.outcome.admits(0, number(Outcome::copied)));
  EXPECT_TRUE(line.outcome.admits(4, number(Outcome::copied)));
  EXPECT_FALSE(line.outcome.admits(4, number(Outcome::hit)));
}

TEST(Expectation, WithoutStarOtherRulesAreNotAsked) {
  const StepLine line = read_step("P0 read a = 5.14:1 6.15:2");
  EXPECT_EQ(line.value.find(0), nullptr);
  ASSERT_NE(line.value.find(1), nullptr);
  EXPECT_TRUE(line.value.admits(1, 1));
  EXPECT_FALSE(line.value.admits(4, 1));
  EXPECT_TRUE(line.value.admits(2, 77));
}

TEST(Expectation, DashAsksAndAdmitsAll) {
  const StepLine line = read_step("P0 read a -> 5.7:- *:hit");
  ASSERT_NE(line.outcome.find(0), nullptr);
  EXPECT_TRUE(line.outcome.find(0)->any_of.empty());
  EXPECT_TRUE(line.outcome.admits(0, number(Outcome::oom)));
  EXPECT_FALSE(line.outcome.admits(1, number(Outcome::oom)));
}

TEST(Expectation, EqualOnesAreMergedHoweverTheyAreSaid) {
  const std::string same[] = {"P0 read a -> hit", "P0 read a -> *:hit", "P0 read a -> {hit,hit}",
                              "P0 read a -> 5.18:hit *:{hit}",
                              "P0 read a -> 5.7:hit 5.14:hit 5.18:hit 5.19:hit 6.15:hit *:zero"};
  for (const std::string& text : same)
    EXPECT_EQ(read_step(text).outcome, read_step(same[0]).outcome) << text;
}

TEST(Expectation, FactsTakeThemToo) {
  const Fact fact = read_fact("assert kind P0.a = 5.7:{anon,zero} *:swap");
  EXPECT_TRUE(fact.wanted.admits(0, static_cast<std::uint32_t>(PageKind::zero)));
  EXPECT_TRUE(fact.wanted.admits(3, static_cast<std::uint32_t>(PageKind::swap)));
  EXPECT_FALSE(fact.wanted.admits(3, static_cast<std::uint32_t>(PageKind::anon)));
  EXPECT_TRUE(read_fact("assert dirty P0.a = no").wanted.admits(2, 0));
  EXPECT_FALSE(read_fact("assert dirty P0.a = no").wanted.admits(2, 1));
}

}  // namespace
}  // namespace cow::trace

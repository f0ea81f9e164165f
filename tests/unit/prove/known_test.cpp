// What one rule set's proof lends to another's: never more than was proved.
#include "prove/known.h"

#include <gtest/gtest.h>

#include "prove/terms.h"

namespace cow::prove {
namespace {

class KnownProofs : public testing::Test {
 protected:
  static z3::expr fact(const char* name) { return context().bool_const(name); }
  static Known::Set set(std::initializer_list<const char*> names) {
    Known::Set all;
    for (const char* name : names) all.add(fact(name));
    return all;
  }
  Known known;
};

TEST_F(KnownProofs, HoldUnderTheSameConditionsAndNoFewerClauses) {
  EXPECT_FALSE(known.has(set({"a"}), set({"c"}), fact("g")));
  known.add(set({"b", "a"}), set({"c", "d"}), fact("g"));
  EXPECT_TRUE(known.has(set({"a", "b"}), set({"d", "c"}), fact("g")));
  EXPECT_TRUE(known.has(set({"a", "b", "e"}), set({"c", "d"}), fact("g")));
  EXPECT_FALSE(known.has(set({"a"}), set({"c", "d"}), fact("g")));
  EXPECT_FALSE(known.has(set({"a", "b"}), set({"c"}), fact("g")));
  EXPECT_FALSE(known.has(set({"a", "b"}), set({"c", "d", "e"}), fact("g")));
  EXPECT_FALSE(known.has(set({"a", "b"}), set({"c", "d"}), fact("h")));
}

TEST_F(KnownProofs, OfOneGoalFromSeveralSetsOfClauses) {
  known.add(set({"a"}), set({}), fact("g"));
  known.add(set({"b"}), set({}), fact("g"));
  EXPECT_TRUE(known.has(set({"b"}), set({}), fact("g")));
  EXPECT_TRUE(known.has(set({"a", "c"}), set({}), fact("g")));
  EXPECT_FALSE(known.has(set({"c"}), set({}), fact("g")));
}

}  // namespace
}  // namespace cow::prove

// Which rule set stands for which kernel.
#include "trace/rule_name.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "cow/rules.h"

namespace cow::trace {
namespace {

std::string_view stands_for(std::string_view version) {
  const std::optional<std::size_t> rule = rule_for_kernel(version);
  return rule ? kRules[*rule].name : "none";
}

TEST(RuleName, EveryKernelHasItsRuleSetOrNone) {
  const std::pair<std::string_view, std::string_view> kernels[] = {{"5.0", "none"},
                                                                   {"5.1", "5.7"},
                                                                   {"5.4.300", "5.7"},
                                                                   {"5.7", "5.7"},
                                                                   {"5.8", "none"},
                                                                   {"5.8.18", "none"},
                                                                   {"5.9", "5.14"},
                                                                   {"5.10", "5.14"},
                                                                   {"5.14.2", "5.14"},
                                                                   {"5.17", "5.14"},
                                                                   {"5.18", "5.18"},
                                                                   {"5.19.17", "5.19"},
                                                                   {"5.20", "none"},
                                                                   {"6.0", "6.15"},
                                                                   {"6.1", "6.15"},
                                                                   {"6.18.44", "6.15"},
                                                                   {"7.3", "6.15"},
                                                                   {"4.19", "none"},
                                                                   {"5.10.0-32-amd64", "5.14"},
                                                                   {"6.1.0+", "6.15"},
                                                                   {"2.6.39.4", "none"}};
  for (const auto& [version, rule] : kernels) EXPECT_EQ(stands_for(version), rule) << version;
}

TEST(RuleName, WhatIsNoVersionHasNone) {
  for (const char* text : {"", "5", "5.", ".5", "99.9x", "five", "5.14.", "5.14x", "-5.14", " 5.14",
                           "5.99999999999999999999", "6..1"})
    EXPECT_EQ(stands_for(text), "none") << text;
}

TEST(RuleName, OnlyFiveNamesAreRuleSets) {
  for (std::size_t i = 0; i < kRules.size(); ++i) EXPECT_EQ(rule_named(kRules[i].name), i);
  EXPECT_EQ(rule_named("5.10"), std::nullopt);
  EXPECT_EQ(rule_named("all"), std::nullopt);
}

}  // namespace
}  // namespace cow::trace

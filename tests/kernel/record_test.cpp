// What was recorded goes into the lines of its steps, and nothing else changes.
#include "kernel/record.h"

#include <gtest/gtest.h>

#include "trace/parse.h"

namespace cow::kernel {
namespace {

trace::Trace trace_of(const std::string& text) {
  return std::get<trace::Trace>(trace::parse("-", text, trace::NameRule::free));
}

TEST(Rewrite, OnlyWhatIsSaidAnew) {
  const std::string before =
      "name      t\n"
      "# kept\n"
      "P0   map a anon private 1\n"
      "P0 write a = 1  -> 5.14:fresh # why\n"
      "assert P0.a = 1\n";
  const trace::Trace old = trace_of(before);
  trace::Trace now = old;
  std::get<trace::StepLine>(now.items[1])
      .outcome.add(1u << 4, {static_cast<std::uint32_t>(Outcome::hit)});
  const std::string after = rewrite(before, old, now);
  EXPECT_EQ(trace_of(after), now);
  EXPECT_NE(after.find("# kept\nP0   map a anon private 1\n"), std::string::npos);
  EXPECT_NE(after.find("# why\nassert P0.a = 1\n"), std::string::npos);
  EXPECT_EQ(rewrite(before, old, old), before);
}

TEST(Rewrite, WithoutALastLineEnd) {
  const std::string before = "name t\nP0 map a anon private 1";
  const trace::Trace old = trace_of(before);
  EXPECT_EQ(rewrite(before, old, old), before);
  trace::Trace now = old;
  std::get<trace::StepLine>(now.items[0])
      .outcome.add(1u << 4, {static_cast<std::uint32_t>(Outcome::ok)});
  EXPECT_EQ(trace_of(rewrite(before, old, now)), now);
}

}  // namespace
}  // namespace cow::kernel

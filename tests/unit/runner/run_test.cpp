// How a run is held against what its trace says.
#include "runner/run.h"

#include <gtest/gtest.h>

#include "traces.h"

namespace cow::runner {
namespace {

const std::string kLeak =
    "P0 map a anon private 1\nP0 write a = 1\nP0 fork P1\nP1 pin k a ro get\nP1 unmap a\n"
    "P0 write a = 2\nk read\n";

TEST(Run, HoldsOutcomesAndValues) {
  const trace::Trace t = trace_of(
      "P0 map a anon private 1 -> ok\nP0 write a = 1 -> 5.14:copied *:fresh\nP0 read a = 2\n"
      "P0 read a[7] = 0 -> nosuch\nP0 read a[7] = -\n");
  const runner::Run r = run(t, rule("5.14"));
  EXPECT_EQ(r.status, Status::fail);
  ASSERT_EQ(r.failures.size(), 3u);
  EXPECT_EQ(r.failures[0].expected, "copied");
  EXPECT_EQ(r.failures[0].seen, "fresh");
  EXPECT_EQ(r.failures[1].line, 4u);
  EXPECT_EQ(r.failures[1].seen, "value 1");
  EXPECT_EQ(r.failures[2].seen, "no value (nosuch)");
  ASSERT_EQ(r.steps.size(), 5u);
  EXPECT_EQ(r.steps[1].text, "P0 write a = 1");
  EXPECT_EQ(r.steps[2].result, (Result{Outcome::hit, true, 1}));
  EXPECT_EQ(run(t, rule("6.15")).failures.size(), 2u);
}

TEST(Run, TheSetShownMustBeTheSetSaid) {
  EXPECT_EQ(run(trace_of("verdict 5.7 missed\n" + kLeak), rule("5.7")).status, Status::ok);
  const runner::Run surprise = run(trace_of(kLeak), rule("5.7"));
  EXPECT_EQ(surprise.status, Status::fail);
  EXPECT_EQ(surprise.verdict, trace::Verdict{"missed"});
  ASSERT_EQ(surprise.failures.size(), 1u);
  EXPECT_EQ(surprise.failures[0].line, 7u);
  EXPECT_EQ(surprise.failures[0].seen, "verdict missed");
  const runner::Run silent = run(trace_of("verdict 5.14 missed,wrong\n" + kLeak), rule("5.14"));
  EXPECT_EQ(silent.status, Status::fail);
  EXPECT_EQ(silent.failures[0].expected, "verdict missed,wrong");
  EXPECT_EQ(silent.failures[0].line, 0u);
}

TEST(Run, LeavesOutWhatTheTraceLeavesOut) {
  const runner::Run r = run(trace_of("rules 5.7\n" + kLeak), rule("5.14"));
  EXPECT_EQ(r.status, Status::skip);
  EXPECT_TRUE(r.steps.empty());
}

TEST(Run, JudgesTheImplementationAloneAfterATableFailure) {
  const trace::Trace t = trace_of(
      "P0 map a anon private 1\nP0 write a = 1\nsys fail table 1\nP0 fork P1 -> oom\n"
      "assert P0.a = 1\nassert mapcount P0.a = 1\nP0 write a = 2 -> {hit,copied,reused}\n"
      "P0 fork P1 -> ok\nP1 read a = 2 -> hit\nassert frame P0.a == P1.a\nP1 exit\n"
      "assert rss P0 anon = 1\nassert pages anon = 1\n");
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    const runner::Run r = run(t, i);
    EXPECT_EQ(r.status, Status::ok);
    for (const Failure& f : r.failures) ADD_FAILURE() << f.line << " " << f.expected << f.seen;
    for (const Violation& v : r.violations) ADD_FAILURE() << v.line << " " << v.witness;
  }
}

TEST(Run, ShowsEachStepToTheObserver) {
  std::size_t steps = 0;
  const runner::Run r =
      run(trace_of(kLeak), rule("5.7"), [&](const auto&, const auto& told, const auto&) {
        if (told.verdict == judge::Verdict::missed) ++steps;
      });
  EXPECT_EQ(steps, 2u);  // the write, and the read of what leaked
  EXPECT_EQ(r.steps.size(), 7u);
}

}  // namespace
}  // namespace cow::runner

// Traces with par blocks: what must hold in every execution, and what an implementation may do.
#include <gtest/gtest.h>

#include "runner/run.h"
#include "traces.h"
#include "whole_steps.h"

namespace cow::runner {
namespace {

// The implementation as Machine has it, in whole steps.
template <class Machine> Implementations on() {
  static const WholeSteps<Machine> steps;
  return {&steps, nullptr};
}

const std::string kFork =
    "P0 map a anon private 1\nP0 write a = 0\n"
    "par\nP0 fork P1\nP1 read a = ?x\n||\nP0@1 write a = 1\nend\n";

std::string failures_of(const Run& r) {
  std::string text;
  for (const Failure& f : r.failures)
    text += std::to_string(f.line) + ": expected " + f.expected + ", seen " + f.seen + "\n";
  for (const Violation& v : r.violations) text += v.clause + " " + v.witness + "\n";
  return text;
}
std::string failures(const std::string& text, std::string_view rules = "5.14") {
  return failures_of(run(trace_of(text), rule(rules), Observer{}, on<impl::Machine>()));
}

TEST(Par, JudgesAllExecutions) {
  EXPECT_EQ(failures(kFork + "sometimes ?x = 0\nsometimes ?x = 1\nnever ?x = 2\nalways ?x != 2\n"
                             "always ?x = 0 | ?x = 1\nnever ?x = 0 & ?x = 1\n"),
            "");
  EXPECT_EQ(failures(kFork + "never ?x = 1\n"),
            "10: expected never ?x = 1, seen an execution with ?x = 1\n");
  EXPECT_EQ(failures(kFork + "sometimes ?x = 5\n"),
            "10: expected sometimes ?x = 5, seen no execution with it\n");
  EXPECT_EQ(failures(kFork + "always ?x = 1\n"),
            "10: expected always ?x = 1, seen an execution with ?x = 0\n");
}

TEST(Par, ARefusedReadBindsNothing) {
  const std::string unmap =
      "P0 map a anon private 1\nP0 write a = 7\n"
      "par\nP0 unmap a\n||\nP0@1 read a = ?x\nend\n";
  EXPECT_EQ(failures(unmap + "sometimes ?x != 7\nsometimes ?x = 7\nnever ?x = 0\n"), "");
  EXPECT_EQ(failures(unmap + "always ?x = 7\n"),
            "9: expected always ?x = 7, seen an execution with ?x = nothing\n");
}

TEST(Par, ExpectationsHoldInEveryExecution) {
  const std::string text =
      "P0 map a anon private 1\nP0 write a = 0\nP0 fork P1\n"
      "par\nP0 write a = 1 -> {copied,hit}\n||\nP0@1 write a.1 = 2 -> copied\nend\n";
  EXPECT_EQ(failures(text), "8: expected copied, seen hit\n");
  EXPECT_EQ(failures(text + "P0 read a = 1 -> hit\nassert P0.a.1 = 3\nP1 read a = 5\n"),
            "8: expected copied, seen hit\n11: expected P0.a.1 = 3, seen 2\n"
            "12: expected value 5, seen value 0\n");
}

TEST(Par, TellsTheStepsOfTheBlock) {
  const runner::Run r =
      run(trace_of(kFork + "P0 read a\n"), rule("5.14"), Observer{}, on<impl::Machine>());
  ASSERT_EQ(r.steps.size(), 6u);
  EXPECT_EQ(r.steps[2].text, "P0 fork P1");
  EXPECT_EQ(r.steps[3].text, "P1 read a");
  EXPECT_EQ(r.steps[4].text, "P0@1 write a = 1");
  EXPECT_EQ(r.steps[4].outcome, "{hit,copied}");
  EXPECT_EQ(r.steps[5].result, (Result{Outcome::hit, true, 1}));
}

TEST(Par, ShowsTheVerdictsOfAllExecutions) {
  const std::string text =
      "P0 map a anon private 1\nP0 write a = 1\nP0 fork P1\n"
      "par\nP0 write a = 2\n||\nP1 write a = 3\nend\n";
  EXPECT_EQ(run(trace_of("verdict all unnecessary\n" + text), rule("6.15")).status, Status::ok);
  const runner::Run surprise = run(trace_of(text), rule("6.15"));
  EXPECT_EQ(surprise.verdict, trace::Verdict{"unnecessary"});
  EXPECT_EQ(surprise.failures.size(), 1u);
}

TEST(Par, BlocksFollowEachOther) {
  EXPECT_EQ(failures(kFork + "P0 write a = 4\npar\nP1 read a = ?y\n||\nP0 write a = 5\nend\n"
                             "always ?y = 0 | ?y = 1\nnever ?x = 0 & ?y = 1\nassert P0.a = 5\n"),
            "");
}

TEST(Par, RunsOutOfMemoryInEitherOrder) {
  EXPECT_EQ(failures("P0 map a anon private 2\nsys fail alloc 2\n"
                     "par\nP0 write a = 1 -> {fresh,oom}\n||\nP0@1 write a[1] = 1 -> {fresh,oom}\n"
                     "end\nassert pages anon = 1\n"),
            "");
}

// Loses what its second thread writes.
class Forgetful : public impl::Machine {
 public:
  using impl::Machine::Machine;
  Result run(const Step& step) {
    if (step.op == Op::write && step.thread == 1) return {Outcome::hit};
    return impl::Machine::run(step);
  }
};

TEST(Par, AnExecutionThatTheSpecificationHasNotIsToldWithItsSchedule) {
  const trace::Trace t = trace_of(kFork);
  const runner::Run wrong = run(t, rule("5.14"), Observer{}, on<Forgetful>());
  EXPECT_EQ(wrong.status, Status::fail);
  ASSERT_EQ(wrong.failures.size(), 1u);
  EXPECT_EQ(wrong.failures[0].line, 4u);
  EXPECT_EQ(wrong.failures[0].expected, "an execution that the specification has");
  EXPECT_NE(wrong.failures[0].seen.find("ok, hit 0 | hit; P0.a"), std::string::npos)
      << wrong.failures[0].seen;
  EXPECT_TRUE(wrong.failures[0].seen.ends_with("\nschedule 0 0 1")) << wrong.failures[0].seen;
}

TEST(Par, AScheduleIsOfTheImplementationAlone) {
  const std::string replayed =
      "P0 map a anon private 1\nP0 write a = 0\nschedule 0 0 1\n"
      "par\nP0 fork P1\nP1 read a = ?x\n||\nP0@1 write a = 1\nend\nsometimes ?x = 1\n";
  EXPECT_EQ(failures(replayed), "");
  EXPECT_EQ(run(trace_of(replayed), rule("5.14"), Observer{}, on<Forgetful>()).status,
            Status::fail);
}

TEST(Par, WhatFollowsIsHeldAgainstTheExecutionThatItFollows) {
  // Differs in the step after the block only.
  class Late : public impl::Machine {
   public:
    using impl::Machine::Machine;
    Result run(const Step& step) {
      if (step.op == Op::read && step.process == Pid{0}) return {Outcome::hit, true, 9};
      return impl::Machine::run(step);
    }
  };
  const runner::Run r = run(trace_of(kFork + "P0 read a\n"), rule("5.14"), Observer{}, on<Late>());
  ASSERT_EQ(r.failures.size(), 1u);
  EXPECT_EQ(r.failures[0].expected, "the specification's steps after this execution");
}

}  // namespace
}  // namespace cow::runner

// The comparison itself: what happens behind the specification's back must be told, by its sort.
#include "kernel/replay.h"

#include <gtest/gtest.h>

#include <csignal>

namespace cow::kernel {
namespace {

constexpr Region kA{0};
const Step kMap{.op = Op::map, .region = kA, .count = 1};
const Step kFork{.op = Op::fork, .child = Pid{1}};
const Step kChildExits{.op = Op::exit, .process = Pid{1}};
Step write(std::uint8_t value) { return {.op = Op::write, .region = kA, .value = value}; }
const Step kRead{.op = Op::read, .region = kA};
const Step kGet{.op = Op::pin, .region = kA, .prot = Prot::ro, .foll_pin = false};

// After step `at`, one more that the specification hears nothing of.
Replayed with_secret(const std::vector<Step>& steps, std::size_t at, const Step& secret,
                     Sight sight = Sight::frames) {
  Machine machine(sight, std::chrono::seconds(5));
  return replay({}, steps, kRules.back(), machine,
                [&](std::size_t i, const Result&, const Seen&, Stage& stage) {
                  if (i == at) stage.run(secret);
                });
}
bool sees_frames() { return probe_sight().sight == Sight::frames; }

#define SORT_IS(replayed, wanted)                                                       \
  do {                                                                                  \
    ASSERT_TRUE((replayed).disagreement.has_value());                                   \
    EXPECT_EQ((replayed).disagreement->sort, wanted)                                    \
        << (replayed).disagreement->expected << " / " << (replayed).disagreement->seen; \
  } while (false)

TEST(Replay, AgreesWhereNothingIsSecret) {
  Machine machine(Sight::frames, std::chrono::seconds(5));
  const std::vector<Step> steps = {kMap, write(1), kFork, write(2), kChildExits, kRead};
  const Replayed r = replay({}, steps, kRules.back(), machine);
  EXPECT_FALSE(r.disagreement) << r.disagreement->expected << " / " << r.disagreement->seen;
  EXPECT_EQ(r.steps, steps.size());
  EXPECT_EQ(r.write_faults, 2u);
}

TEST(Replay, AWrongValueWhenRead) {
  const Replayed r = with_secret({kMap, write(1), kRead}, 1, write(5), Sight::contents);
  SORT_IS(r, Sort::wrong_value);
  EXPECT_EQ(r.disagreement->step, 2u);
}

TEST(Replay, AWrongValueThatNoStepReads) {
  SORT_IS(with_secret({kMap, write(1)}, 1, write(5), Sight::contents), Sort::wrong_value);
}

TEST(Replay, AStrayReference) {
  if (!sees_frames()) GTEST_SKIP() << "frames cannot be seen";
  Step secret = kGet;
  secret.ref = Ref{0};
  // The specification knows the name, so that there is room for it.
  const std::vector<Step> steps = {kMap, write(1), kFork, kChildExits, write(2)};
  SORT_IS(with_secret(steps, 3, secret), Sort::stray_copy);
}

TEST(Replay, AMissedCopy) {
  if (!sees_frames()) GTEST_SKIP() << "frames cannot be seen";
  SORT_IS(with_secret({kMap, write(1), kFork, write(2)}, 2, kChildExits), Sort::missed_copy);
}

TEST(Replay, APageThatMoves) {
  if (!sees_frames()) GTEST_SKIP() << "frames cannot be seen";
  const Replayed r = with_secret({kMap, write(1), kFork, kRead}, 2, write(1));
  SORT_IS(r, Sort::other);
}

TEST(Replay, ADeadProcess) {
  Machine machine(Sight::frames, std::chrono::seconds(5));
  const std::vector<Step> steps = {kMap, write(1), write(2)};
  const Replayed r = replay({}, steps, kRules.back(), machine,
                            [&](std::size_t i, const Result&, const Seen&, Stage& stage) {
                              if (i == 1) kill(stage.pid(Pid{0}), SIGKILL);
                            });
  SORT_IS(r, Sort::lost);
  EXPECT_EQ(r.disagreement->step, 2u);
}

}  // namespace
}  // namespace cow::kernel

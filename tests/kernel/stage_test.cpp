// Steps by real processes, as far as any Linux shows them to anybody.
#include "kernel/stage.h"

#include <gtest/gtest.h>

namespace cow::kernel {
namespace {

constexpr Region kA{0};
const Step kMap{.op = Op::map, .region = kA, .count = 2};
const Step kFork{.op = Op::fork, .child = Pid{1}};
Step write(Pid p, std::uint8_t value) {
  return {.op = Op::write, .process = p, .region = kA, .value = value};
}
Step read(Pid p, std::uint32_t page = 0) {
  return {.op = Op::read, .process = p, .region = kA, .first = page, .last = page};
}

class StageTest : public testing::Test {
 protected:
  // The last step's answer, of all these steps.
  Seen last(const std::vector<Step>& steps, const cow::Setup& setup = {}) {
    const Plan plan = plan_of(steps);
    Stage stage(setup, plan, references_, window_, std::chrono::seconds(5));
    Seen seen;
    for (const Step& s : steps) seen = stage.run(s);
    return seen;
  }
  References references_;
  Window window_{Sight::contents};
};

TEST_F(StageTest, AChildKeepsItsByte) {
  const Seen seen = last({kMap, write(Pid{0}, 1), kFork, write(Pid{0}, 2), read(Pid{1})});
  EXPECT_EQ(seen.outcomes, any_of(Outcome::hit));
  EXPECT_EQ(seen.value, 1);
}

TEST_F(StageTest, FaultsAreCounted) {
  EXPECT_EQ(last({kMap, write(Pid{0}, 1), write(Pid{0}, 1)}).outcomes, any_of(Outcome::hit));
  EXPECT_TRUE(contains(last({kMap, write(Pid{0}, 1)}).outcomes, Outcome::fresh));
  EXPECT_TRUE(contains(last({kMap, read(Pid{0})}).outcomes, Outcome::zero));
}

TEST_F(StageTest, SignalsAreCaught) {
  const Step unmap{.op = Op::unmap, .region = kA};
  EXPECT_EQ(last({kMap, unmap, read(Pid{0})}).outcomes, any_of(Outcome::segv));
  const Step past{.op = Op::map, .region = kA, .backing = Backing::file, .count = 2};
  EXPECT_EQ(last({past, read(Pid{0}, 1)}, {{{1, 7}}, kEnoughFrames}).outcomes,
            any_of(Outcome::sigbus));
  EXPECT_EQ(last({past, read(Pid{0}, 0)}, {{{1, 7}}, kEnoughFrames}).value, 7);
}

TEST_F(StageTest, WhatDoesNotExistIsNotAskedFor) {
  EXPECT_EQ(last({kMap, read(Pid{0}, 2)}).outcomes, any_of(Outcome::nosuch));
  EXPECT_EQ(last({kMap, read(Pid{1})}).outcomes, any_of(Outcome::nosuch));
  EXPECT_EQ(last({kMap, kMap}).outcomes, any_of(Outcome::inval));
  EXPECT_EQ(last({kMap, kFork, kFork}).outcomes, any_of(Outcome::inval));
  EXPECT_EQ(last({{.op = Op::unpin}}).outcomes, any_of(Outcome::nosuch));
}

TEST_F(StageTest, ARangeWithAHoleIsRefusedWhole) {
  const Step hole{.op = Op::unmap, .region = kA, .first = 1, .last = 1};
  const Step none{.op = Op::protect, .region = kA, .last = 1, .prot = Prot::none};
  EXPECT_EQ(last({kMap, hole, none}).outcomes, any_of(Outcome::segv));
  EXPECT_TRUE(contains(last({kMap, hole, none, read(Pid{0})}).outcomes, Outcome::zero));
}

// Three areas, as the middle page is read-only.
TEST_F(StageTest, AreasMoveTogether) {
  const Step map{.op = Op::map, .region = kA, .count = 3};
  Step write_last = write(Pid{0}, 7);
  write_last.first = write_last.last = 2;
  const Step part{.op = Op::protect, .region = kA, .first = 1, .last = 1, .prot = Prot::ro};
  const Step remap{.op = Op::remap, .region = kA, .to = Region{1}, .last = 2};
  const std::vector<Step> moved = {map, write_last, part, remap};
  const auto then = [&](Step step) {
    std::vector<Step> steps = moved;
    steps.push_back(step);
    return last(steps);
  };
  EXPECT_EQ(last(moved).outcomes, any_of(Outcome::ok));
  Step see = read(Pid{0}, 2);
  EXPECT_EQ(then(see).outcomes, any_of(Outcome::segv));
  see.region = Region{1};
  EXPECT_EQ(then(see).value, 7);
  EXPECT_EQ(then(see).outcomes, any_of(Outcome::hit));
  Step to_read_only = write(Pid{0}, 1);
  to_read_only.region = Region{1};
  to_read_only.first = to_read_only.last = 1;
  EXPECT_EQ(then(to_read_only).outcomes, any_of(Outcome::segv));
  EXPECT_EQ(then(remap).outcomes, any_of(Outcome::segv));
}

TEST_F(StageTest, WhatCannotBeMovedIsRefused) {
  const Step hole{.op = Op::unmap, .region = kA, .first = 1, .last = 1};
  const Step both{.op = Op::remap, .region = kA, .to = Region{1}, .last = 1};
  const Step onto_itself{.op = Op::remap, .region = kA, .to = kA};
  EXPECT_EQ(last({kMap, hole, both}).outcomes, any_of(Outcome::segv));
  EXPECT_EQ(last({kMap, onto_itself}).outcomes, any_of(Outcome::inval));
  EXPECT_EQ(last({kMap, hole, onto_itself}).outcomes, any_of(Outcome::inval));
  const Step past{.op = Op::remap, .region = kA, .to = Region{1}, .last = 2};
  EXPECT_EQ(last({kMap, past}).outcomes, any_of(Outcome::nosuch));
}

TEST_F(StageTest, LockedMemoryIsFilledAndKept) {
  const Step lock{.op = Op::lock, .region = kA, .first = 1, .last = 1};
  const Step unlock{.op = Op::unlock, .region = kA, .last = 1};
  const Step discard{.op = Op::advise, .region = kA, .last = 1};
  const Step remap{.op = Op::remap, .region = kA, .to = Region{1}, .last = 1};
  Step there = discard;
  there.region = Region{1};
  EXPECT_EQ(last({kMap, lock, read(Pid{0}, 1)}).outcomes, any_of(Outcome::hit));
  EXPECT_EQ(last({kMap, write(Pid{0}, 1), lock, discard}).outcomes, any_of(Outcome::inval));
  EXPECT_EQ(last({kMap, write(Pid{0}, 1), lock, discard, read(Pid{0})}).value, 1);
  EXPECT_EQ(last({kMap, lock, unlock, discard}).outcomes, any_of(Outcome::ok));
  EXPECT_EQ(last({kMap, lock, remap, there}).outcomes, any_of(Outcome::inval));
  Step in_child = discard;
  in_child.process = Pid{1};
  EXPECT_EQ(last({kMap, lock, kFork, in_child}).outcomes, any_of(Outcome::ok));
}

TEST_F(StageTest, WhatCannotBeFilledIsLocked) {
  const Step file{.op = Op::map, .region = kA, .backing = Backing::file, .count = 2};
  const Step lock{.op = Op::lock, .region = kA, .last = 1};
  const Step discard{.op = Op::advise, .region = kA, .first = 1, .last = 1};
  const cow::Setup setup{{{1, 7}}, kEnoughFrames};
  EXPECT_EQ(last({file, lock}, setup).outcomes, any_of(Outcome::ok));
  EXPECT_EQ(last({file, lock, discard}, setup).outcomes, any_of(Outcome::inval));
  const Step none{.op = Op::protect, .region = kA, .last = 1, .prot = Prot::none};
  EXPECT_EQ(last({kMap, none, lock}).outcomes, any_of(Outcome::ok));
}

TEST_F(StageTest, AReferenceOutlivesItsOwner) {
  const Step get{.op = Op::pin, .region = kA, .prot = Prot::ro, .foll_pin = false};
  const Step exit{.op = Op::exit};
  const Seen seen = last({kMap, write(Pid{0}, 9), kFork, get, exit, {.op = Op::ref_read}});
  EXPECT_EQ(seen.outcomes, any_of(Outcome::ok));
  EXPECT_EQ(seen.value, 9);
}

TEST_F(StageTest, APinIsWrittenThrough) {
  if (!references_.can_pin()) GTEST_SKIP() << "io_uring is not to be had";
  const Step pin{.op = Op::pin, .region = kA};
  const Step through{.op = Op::ref_write, .cell = 2, .value = 5};
  Step see = read(Pid{0});
  see.cell = 2;
  EXPECT_EQ(last({kMap, pin, through, see}).value, 5);
  EXPECT_EQ(last({kMap, pin, through, {.op = Op::ref_read, .cell = 2}}).value, 5);
}

}  // namespace
}  // namespace cow::kernel

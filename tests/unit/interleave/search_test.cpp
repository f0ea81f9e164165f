// What is drawn, how it is looked through, and how it is made small.
#include "interleave/search.h"

#include <gtest/gtest.h>

#include <map>

#include "interleave/builds.h"
#include "interleave/draw.h"

namespace cow::interleave {
namespace {

// Two threads write to a page that P1 maps too.
Program two_copies() {
  Program program;
  program.before = {{.op = Op::map, .count = 2},
                    {.op = Op::write, .value = 1},
                    {.op = Op::read, .first = 1, .last = 1},
                    {.op = Op::fork, .child = Pid{1}}};
  program.columns = {{{.op = Op::write, .value = 2}},
                     {{.op = Op::read, .thread = 1, .first = 1, .last = 1},
                      {.op = Op::write, .thread = 1, .cell = 1, .value = 3}}};
  return program;
}

TEST(Draw, IsTheSameForASeedAndDiffersBetweenSeeds) {
  EXPECT_EQ(draw(7), draw(7));
  std::size_t same = 0;
  for (std::uint64_t seed = 1; seed < 100; ++seed) same += draw(seed) == draw(seed + 1) ? 1u : 0u;
  EXPECT_EQ(same, 0u);
}

TEST(Draw, AThreadTakesStepsInOneColumn) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    std::map<std::pair<Pid, std::uint32_t>, std::size_t> column_of;
    const Program program = draw(seed);
    EXPECT_GE(program.columns.size(), 2u);
    for (std::size_t c = 0; c < program.columns.size(); ++c)
      for (const Step& s : program.columns[c])
        if (s.op < Op::ref_read) {
          EXPECT_EQ(column_of.emplace(std::pair(s.process, s.thread), c).first->second, c) << seed;
        }
  }
}

TEST(Search, FindsAMutantAndNothingInTheRightCode) {
  using Machine = ExploredMachine;
  const Allowed allowed(two_copies(), kRules[4]);
  const Executions<Machine> executions;
  EXPECT_FALSE(look(allowed, executions, is_unexplained).odd);
  const Broken<ExploredBuild> broken(impl::Mutant::recheck_skipped);
  const Looked looked = look(allowed, executions, is_unexplained);
  ASSERT_TRUE(looked.odd);
  runner::Block block = allowed.block();
  block.schedule = *looked.odd;
  std::size_t runs = 0;
  executions.run(block, [&](const runner::Execution& e) {
    ++runs;
    EXPECT_FALSE(allowed.explains(e));
    return true;
  });
  EXPECT_EQ(runs, 1u);
}

TEST(Shrink, LeavesOutWhatIsNotNeeded) {
  const Broken<ExploredBuild> broken(impl::Mutant::recheck_skipped);
  const Program small = shrink(two_copies(), [](const Program& candidate) {
    const Allowed allowed(candidate, kRules[4]);
    return look(allowed, Executions<ExploredMachine>(), is_unexplained).odd.has_value();
  });
  EXPECT_LE(small.before.size(), 3u);
  ASSERT_EQ(small.columns.size(), 2u);
  EXPECT_EQ(small.columns[0].size() + small.columns[1].size(), 2u);
  EXPECT_NE(small.columns[0][0].thread, small.columns[1][0].thread);
}

// What a machine makes for names that it meets, it makes before the first execution.
TEST(Executions, RepeatWhateverNamesTheyMeet) {
  Program program;
  program.before = {{.op = Op::map, .count = 2},
                    {.op = Op::fork, .child = Pid{1}},
                    {.op = Op::map, .region = Region{1}, .count = 2}};
  program.columns = {{{.op = Op::fork, .process = Pid{1}, .child = Pid{2}}},
                     {{.op = Op::write, .thread = 1, .region = Region{1}, .value = 7},
                      {.op = Op::pin, .thread = 1, .fast = true}}};
  const Allowed allowed(program, kRules[0]);
  const Explored explored = Executions<ExploredMachine>().explored(
      allowed.block(), [&](const runner::Execution& e) { return allowed.explains(e); });
  EXPECT_TRUE(explored.complete);
}

}  // namespace
}  // namespace cow::interleave

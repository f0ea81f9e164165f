// A program is the same before and after it was a trace.
#include "interleave/block.h"

#include <gtest/gtest.h>

#include "interleave/draw.h"
#include "trace/parse.h"
#include "trace/print.h"

namespace cow::interleave {
namespace {

trace::Trace parsed(const std::string& text) {
  auto parsed = trace::parse("t.cow", text, trace::NameRule::equals_stem);
  if (const auto* error = std::get_if<trace::Error>(&parsed)) {
    ADD_FAILURE() << trace::format(*error);
    return {};
  }
  return std::get<trace::Trace>(std::move(parsed));
}

TEST(Block, TakesATraceUpToItsEnd) {
  const Program program = program_of(parsed(R"(name t
frames 2
P0 map a anon private 1
P0 write a = 1
par
P0 fork P1
P1 read a
||
P0@1 write a = 2
end
P0 read a
)"));
  EXPECT_EQ(program.setup.frames, 2u);
  EXPECT_EQ(program.before.size(), 2u);
  ASSERT_EQ(program.columns.size(), 2u);
  EXPECT_EQ(program.columns[0].size(), 2u);
  EXPECT_EQ(program.columns[1][0].thread, 1u);
  const runner::Block block = block_of(program, kRules[1], {0, 1});
  EXPECT_EQ(block.before, program.before);
  EXPECT_EQ(block.columns, program.columns);
  EXPECT_EQ(block.schedule, (explore::Schedule{0, 1}));
  EXPECT_TRUE(block.after.empty());
  EXPECT_EQ(block.places.processes, 2u);
}

TEST(Block, TheSpecificationBeginsAfterTheStepsBefore) {
  const Program program = program_of(parsed(R"(name t
P0 map a anon private 1
P0 write a = 1
par
P0 read a
end
)"));
  const par::World start = start_of(program, kRules[0]);
  EXPECT_TRUE(start.machine.pte({Pid{0}, Region{0}, 0}).present);
}

TEST(Block, APrintedTraceIsTheSameProgram) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    // Names are given anew the first time.
    const Program drawn = program_of(trace_of(draw(seed), 4, "t", "", {}));
    const trace::Trace trace = parsed(trace::print(trace_of(drawn, 4, "t", "", {0, 1, 0})));
    EXPECT_EQ(program_of(trace), drawn) << "seed " << seed;
    EXPECT_TRUE(trace.is_for(4));
    EXPECT_FALSE(trace.is_for(0));
    const auto& par = std::get<trace::Par>(trace.items.back());
    EXPECT_EQ(par.schedule, (explore::Schedule{0, 1, 0}));
  }
}

TEST(Block, TheTraceSaysWhatIsMissedOrWrong) {
  const Program program = program_of(parsed(R"(name t
P0 map a anon private 1
P0 write a = 0
par
P0@1 fork P1
||
P0 pin k a rw get
k write = 2
end
)"));
  EXPECT_EQ(trace_of(program, 4, "t", "", {}).verdicts[4], trace::Verdict{"missed"});
}

}  // namespace
}  // namespace cow::interleave

// Mutants that the tables of historical bugs name for their traces.
#include <gtest/gtest.h>

#include "interleave/allowed.h"
#include "interleave/builds.h"
#include "trace/input.h"
#include "trace/parse.h"

namespace cow::interleave {
namespace {

using impl::Mutant;

Program history(const std::string& name) {
  const std::string file = COW_TESTS_DIR "/litmus/history/" + name + ".cow";
  const auto text = std::get<std::string>(trace::read_input(file));
  return program_of(std::get<trace::Trace>(trace::parse(file, text, trace::NameRule::equals_stem)));
}

// In every order, up to the first that the specification has not.
bool passes(const Program& program, const Rules& rules, std::optional<Mutant> mutant) {
  const Allowed allowed(program, rules);
  const Broken<ExploredBuild> broken(mutant);
  bool allowed_so_far = true;
  Executions<ExploredMachine>().run(allowed.block(), [&](const runner::Execution& e) {
    return allowed_so_far = allowed.explains(e);
  });
  return allowed_so_far;
}

TEST(History, DirtyCowShowsAForcedWriteThatIsNotChecked) {
  const Program program = history("dirty-cow");
  for (const Rules& rules : kRules) {
    EXPECT_TRUE(passes(program, rules, std::nullopt)) << rules.name;
    EXPECT_FALSE(passes(program, rules, Mutant::force_unchecked)) << rules.name;
  }
}

TEST(History, AFastPinAgainstForkNeedsForksSequence) {
  const Program program = history("fast-ro-pin-against-fork");
  for (const Rules& rules : kRules) {
    EXPECT_TRUE(passes(program, rules, std::nullopt)) << rules.name;
    for (const Mutant m : {Mutant::fork_sequence_not_written, Mutant::fork_sequence_unread})
      EXPECT_EQ(passes(program, rules, m), !rules.tracks_exclusive) << rules.name;
  }
}

}  // namespace
}  // namespace cow::interleave

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

// Traces of reclaim, migration and KSM: a page goes although it is held, or stays writable although
// it is shared.
struct Behind {
  const char* trace;
  Mutant mutant;
  bool Rules::*asked;  // rule sets without this let it happen, or have another order for it
};
class SystemAtWork : public testing::TestWithParam<Behind> {};

TEST_P(SystemAtWork, IsKilledByItsMutantAlone) {
  const Behind& it = GetParam();
  const Program program = history(it.trace);
  for (const Rules& rules : kRules) {
    EXPECT_TRUE(passes(program, rules, std::nullopt)) << rules.name;
    const bool asks = it.asked == nullptr || rules.*it.asked;
    EXPECT_EQ(passes(program, rules, it.mutant), !asks) << rules.name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    History, SystemAtWork,
    testing::Values(
        Behind{"../order-ksm-page-reused", Mutant::ksm_keeps_write, nullptr},
        Behind{"../order-ro-pin-against-ksm", Mutant::ksm_takes_held, &Rules::tracks_exclusive},
        Behind{"../order-ro-pin-against-migration", Mutant::migration_leaves_holders, nullptr},
        Behind{"../order-pin-against-reclaim", Mutant::reclaim_takes_pinned,
               &Rules::reclaim_spares_pinned}));

}  // namespace
}  // namespace cow::interleave

// Random programs: every clause holds after every event of every execution, and whole steps in turn
// are among the executions.
#include "programs.h"
#include "random_steps.h"

namespace cow::par {
namespace {

struct Random {
  cow::Setup setup;
  std::vector<Step> before;
  Columns columns;
  Places places;

  explicit Random(std::uint32_t seed) : setup{{{2, 5}}, seed % 4 == 0 ? 4 : kEnoughFrames} {
    RandomSteps steps(seed);
    before = steps.prefix();
    columns.resize(2 + seed % 2);
    for (std::uint32_t t = 0; t < columns.size(); ++t)
      for (std::uint32_t i = 0; i < 1 + (seed / 7 + t) % 2; ++i) {
        Step step = steps.any();
        step.thread = t;
        columns[t].push_back(step);
      }
    std::vector<Step> all = before;
    for (const auto& column : columns) all.insert(all.end(), column.begin(), column.end());
    places = places_of(all);
  }
  // Column after column, or the last first.
  [[nodiscard]] End in_turn(const Rules& rules, bool last_first) const {
    spec::Specification machine(setup, rules);
    for (const Step& step : before) machine.run(step);
    Outcomes outcomes(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::size_t c = last_first ? columns.size() - 1 - i : i;
      for (const Step& step : columns[c]) outcomes[c].push_back(machine.run(step));
    }
    return end_of(machine, places, std::move(outcomes));
  }
};

std::string text_of(const Random& r) {
  std::vector<Step> all = r.before;
  for (const auto& column : r.columns) all.insert(all.end(), column.begin(), column.end());
  return trace::print(trace::from_steps("t", "", r.setup, all));
}

TEST(Random, ClausesHoldAfterEveryEvent) {
  const char* seeds = std::getenv("COW_PAR_SEEDS");
  std::size_t states = 0, finals = 0;
  const std::uint32_t last = seeds != nullptr ? static_cast<std::uint32_t>(std::atoi(seeds)) : 150;
  for (std::uint32_t seed = 1; seed <= last; ++seed) {
    const Random r(seed);
    const Rules& rules = kRules[seed % kRules.size()];
    World world(r.setup, rules);
    judge::Disagreements out;
    for (const Step& step : r.before) world.judge.alone(world.machine, step, out);
    const Orders orders(world, r.columns, r.places);
    states += orders.states();
    finals += outcomes_of(orders).size();
    expect_no_disagreement(orders);
    EXPECT_TRUE(orders.explains(r.in_turn(rules, false)));
    EXPECT_TRUE(orders.explains(r.in_turn(rules, true)));
    if (HasFailure()) {
      ADD_FAILURE() << "seed " << seed << " rule " << rules.name << " columns " << r.columns.size()
                    << ":" << r.columns[0].size() << "\n"
                    << text_of(r);
      return;
    }
  }
  // It would say nothing if the columns never met.
  EXPECT_GT(states, 20 * last);
  EXPECT_GT(finals, last + last / 5);
  RecordProperty("states", std::to_string(states));
}

}  // namespace
}  // namespace cow::par

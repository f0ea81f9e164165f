#include "killers.h"

#include <algorithm>

#include "laws/random.h"
#include "laws/run.h"
#include "laws/shrink.h"

namespace cow::mutants {
namespace {

constexpr std::uint32_t kSize = 50;

// Tries one law under one rule set. The laws that a rule set is known not to have say nothing.
std::optional<Kill> try_law(const laws::Law& law, std::size_t rule, const laws::MakeMachines& alone,
                            std::uint64_t seed, std::uint64_t cases, std::uint64_t& steps) {
  if ((law.rules >> rule & 1u) == 0 || (law.findings >> rule & 1u) != 0) return std::nullopt;
  const laws::Profile profile = laws::profile(law.profile);
  laws::Decoder decoder(profile);
  laws::Random random(seed);
  laws::Words words(kSize + 1);
  laws::Case test;
  for (std::uint64_t i = 0; i < std::max(cases / profile.cost, std::uint64_t{1}); ++i) {
    for (std::uint64_t& w : words) w = random.next();
    decoder.decode(words, kSize, test);
    laws::Tally tally;
    const laws::Ran ran = laws::run(law, kRules[rule], test, alone, &tally);
    steps += tally.steps;
    if (ran.seen != laws::Seen::broken) continue;
    const laws::Case small = laws::shrink_witness(law, kRules[rule], test, alone);
    return Kill{std::string(law.name), std::string(kRules[rule].name), steps, small.steps.size()};
  }
  return std::nullopt;
}

std::size_t disagrees(const laws::Case& test, const Rules& rules,
                      const laws::MakeMachines& together, std::string& clause,
                      std::uint64_t& steps) {
  const auto machines = together(test.setup, rules);
  for (std::size_t i = 0; i < test.steps.size(); ++i) {
    ++steps;
    const judge::Told told = machines->step(test.steps[i]);
    // What every rule set lacks is no disagreement of the machines.
    const auto at = std::find_if(told.disagreements.begin(), told.disagreements.end(),
                                 [](const auto& d) { return d.clause != judge::kLostPage; });
    if (at == told.disagreements.end()) continue;
    clause = at->clause;
    return i + 1;
  }
  return 0;
}

}  // namespace

std::optional<Kill> kill_by_law(const laws::MakeMachines& alone, std::string_view clause,
                                Laws which, std::uint64_t cases, std::uint64_t seed) {
  std::uint64_t steps = 0;
  for (const laws::Law& law : laws::laws())
    for (std::size_t rule = 0; rule < kRules.size(); ++rule)
      if (laws::answers_to(law, clause) == (which == Laws::of_the_clause))
        if (auto kill = try_law(law, rule, alone, seed, cases, steps)) return kill;
  return std::nullopt;
}

std::optional<Kill> kill_by_lockstep(const laws::MakeMachines& together, std::uint64_t seed) {
  constexpr int kTraces = 2000;
  const laws::Profile profile = laws::with_get_rw(laws::profile("everything"));
  laws::Decoder decoder(profile);
  laws::Random random(seed);
  laws::Words words(kSize + 1);
  laws::Case test;
  std::uint64_t steps = 0, unused = 0;
  std::string clause;
  for (int i = 0; i < kTraces; ++i) {
    for (std::uint64_t& w : words) w = random.next();
    decoder.decode(words, kSize, test);
    for (const Rules& rules : kRules) {
      if (disagrees(test, rules, together, clause, steps) == 0) continue;
      std::string first = clause;
      const laws::Case small = laws::shrink(test, [&](const laws::Case& candidate) {
        return disagrees(candidate, rules, together, clause, unused);
      });
      return Kill{std::move(first), std::string(rules.name), steps, small.steps.size()};
    }
  }
  return std::nullopt;
}

CorpusKill kill_by_corpus(const laws::MakeMachines& together,
                          const std::vector<trace::Trace>& corpus) {
  CorpusKill kill;
  std::string clause;
  std::uint64_t steps = 0;
  for (const trace::Trace& trace : corpus) {
    const std::optional<laws::Case> test = laws::case_of(trace);
    if (!test) continue;
    for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
      if (!trace.is_for(rule) || disagrees(*test, kRules[rule], together, clause, steps) == 0)
        continue;
      if (kill.traces++ == 0) kill.first = trace.name;
      break;
    }
  }
  return kill;
}

}  // namespace cow::mutants

// Steps a second on one core, of everything that a property does after each step and of its parts.
//
// One rule set, four processes of 16 pages, traces of 50 steps from the suite's own generator. The
// machines are made anew for each trace, and that counts too.
#include <benchmark/benchmark.h>

#include <string>

#include "impl/machine.h"
#include "judge/lockstep.h"
#include "laws/machines.h"
#include "laws/random.h"
#include "laws/words.h"
#include "logic/show.h"

namespace {

using namespace cow;

constexpr std::uint32_t kSteps = 50;
constexpr std::size_t kTraces = 2000;
const Rules& kRule = kRules[4];  // 6.15, which asks the most

std::vector<laws::Words> words_of_traces() {
  laws::Random random(1);
  std::vector<laws::Words> all(kTraces, laws::Words(kSteps + 1));
  for (laws::Words& words : all)
    for (std::uint64_t& w : words) w = random.next();
  return all;
}

const std::vector<laws::Case>& traces() {
  static const std::vector<laws::Case> all = [] {
    laws::Decoder decoder(laws::profile("everything"));
    std::vector<laws::Case> cases(kTraces);
    const std::vector<laws::Words> words = words_of_traces();
    for (std::size_t i = 0; i < kTraces; ++i) decoder.decode(words[i], kSteps, cases[i]);
    return cases;
  }();
  return all;
}

// run(trace) for one trace an iteration.
void measure(benchmark::State& state, auto run) {
  std::int64_t steps = 0;
  std::size_t i = 0;
  for (auto _ : state) {
    const laws::Case& test = traces()[i++ % kTraces];
    run(test);
    steps += static_cast<std::int64_t>(test.steps.size());
  }
  state.SetItemsProcessed(steps);
}

void lockstep(benchmark::State& state, judge::Depth depth) {
  measure(state, [depth](const laws::Case& test) {
    judge::Lockstep<spec::Specification, impl::Machine> machines(test.setup, kRule, depth);
    for (const Step& step : test.steps)
      if (!machines.step(step).disagreements.empty()) std::abort();
    if (!machines.finish().empty()) std::abort();
  });
}

// Three machines, everything compared, every invariant and count, the verdict: after every step.
void everything(benchmark::State& state) { lockstep(state, judge::Depth::full); }
// The same without the invariants, and counts at the end of a trace.
void without_invariants(benchmark::State& state) { lockstep(state, judge::Depth::fast); }

template <class Machine> void alone(benchmark::State& state) {
  measure(state, [](const laws::Case& test) {
    Machine machine(test.setup, kRule);
    for (const Step& step : test.steps) benchmark::DoNotOptimize(machine.run(step));
  });
}

// The specification, the ideal machine and the verdict.
void specification_judged(benchmark::State& state) {
  measure(state, [](const laws::Case& test) {
    spec::Specification machine(test.setup, kRule);
    judge::Judge<spec::Specification> judge(test.setup);
    for (const Step& step : test.steps) {
      judge.before(machine, step);
      const Result result = machine.run(step);
      benchmark::DoNotOptimize(judge.after(machine, step, result));
    }
  });
}

void specification_and_invariants(benchmark::State& state) {
  measure(state, [](const laws::Case& test) {
    spec::Specification machine(test.setup, kRule);
    spec::Check check(machine.m);
    for (const Step& step : test.steps) {
      machine.run(step);
      if (!check.run().empty()) std::abort();
    }
  });
}

void implementation_and_counts(benchmark::State& state) {
  measure(state, [](const laws::Case& test) {
    impl::Machine machine(test.setup, kRule);
    for (const Step& step : test.steps) {
      machine.run(step);
      if (machine.check_counts()) std::abort();
    }
  });
}

// The steps that the specification accepts.
void ideal(benchmark::State& state) {
  std::vector<laws::Case> accepted;
  for (const laws::Case& test : traces()) {
    spec::Specification machine(test.setup, kRule);
    accepted.push_back({test.setup, {}});
    for (const Step& step : test.steps)
      if (!refused(machine.run(step).outcome)) accepted.back().steps.push_back(step);
  }
  std::int64_t steps = 0;
  std::size_t i = 0;
  for (auto _ : state) {
    const std::size_t k = i++ % kTraces;
    spec::IdealMachine machine(accepted[k].setup);
    for (const Step& step : accepted[k].steps) machine.run(step);
    steps += static_cast<std::int64_t>(traces()[k].steps.size());
  }
  state.SetItemsProcessed(steps);
}

void generator(benchmark::State& state) {
  laws::Decoder decoder(laws::profile("everything"));
  const std::vector<laws::Words> words = words_of_traces();
  laws::Case test;
  std::int64_t steps = 0;
  std::size_t i = 0;
  for (auto _ : state) {
    decoder.decode(words[i++ % kTraces], kSteps, test);
    steps += static_cast<std::int64_t>(test.steps.size());
  }
  state.SetItemsProcessed(steps);
}

BENCHMARK(everything);
BENCHMARK(without_invariants);
BENCHMARK(specification_judged);
BENCHMARK(specification_and_invariants);
BENCHMARK(implementation_and_counts);
BENCHMARK(alone<spec::Specification>)->Name("specification_alone");
BENCHMARK(alone<impl::Machine>)->Name("implementation_alone");
BENCHMARK(ideal)->Name("ideal_alone");
BENCHMARK(generator);

}  // namespace

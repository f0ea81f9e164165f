#include "run.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

namespace cow::bench {
namespace {

// What the kernel says could be had now.
std::uint64_t available_bytes() {
  std::ifstream info("/proc/meminfo");
  for (std::string word; info >> word;) {
    std::uint64_t kib = 0;
    if (word == "MemAvailable:" && info >> kib) return kib << 10;
  }
  return std::numeric_limits<std::uint64_t>::max();
}

// Others may need some of it while a row runs.
std::string too_little_memory(const Scale& scale, std::uint64_t bytes) {
  constexpr std::uint64_t kLeft = 3 * kGiB;
  if (scale.quick || bytes + kLeft <= available_bytes()) return {};
  return "needs " + std::to_string((bytes + kLeft + kGiB - 1) / kGiB) + " GiB of free memory";
}

double nanoseconds(double seconds) { return 1e9 * seconds; }

Measured judged(const Row& row, const Repetitions& repetitions) {
  Measured m{repetitions.ours(), repetitions.limit(), 0, 0, 0};
  const Spread each = repetitions.ratio();
  const bool least = row.goal.kind == Goal::Kind::at_least;
  m.ratio = m.ours.median / m.limit.median;
  m.low = least ? 1 / each.high : each.low;
  m.high = least ? 1 / each.low : each.high;
  if (least) m.ratio = 1 / m.ratio;
  return m;
}

// One repetition is one iteration; its time is ours, and the limit's stands in the counters.
void run_row(benchmark::State& state, const Scale& scale, Row& row) {
  row.not_measured = too_little_memory(scale, row.memory);
  if (!row.not_measured.empty()) return state.SkipWithError(row.not_measured.c_str());
  const std::unique_ptr<Pair> pair = row.make();
  Repetitions repetitions(*pair);
  const bool time = row.unit == Unit::seconds;
  for (auto _ : state) {
    const double ours = repetitions.take();
    state.SetIterationTime(time ? ours : 0);
  }
  row.measured = judged(row, repetitions);
  const double shown = (time ? nanoseconds(1) : 1) / row.per;
  state.counters["ours"] = row.measured->ours.median * shown;
  state.counters["limit"] = row.measured->limit.median * shown;
  state.counters["ratio"] = row.measured->ratio;
}

void run_line(benchmark::State& state, const Scale& scale, const Growth& growth, Growing& line) {
  line.not_measured = too_little_memory(scale, line.memory);
  if (!line.not_measured.empty()) return state.SkipWithError(line.not_measured.c_str());
  const Line once = line.make();
  once();  // meets memory that nobody has touched
  std::vector<std::vector<double>> samples(growth.columns.size());
  for (auto _ : state) {
    const std::vector<double> taken = once();
    for (std::size_t c = 0; c < samples.size(); ++c) samples[c].push_back(taken[c]);
    state.SetIterationTime(taken[0]);
  }
  line.measured.clear();
  for (std::size_t c = 0; c < samples.size(); ++c) {
    line.measured.push_back(spread_of(samples[c]));
    state.counters[growth.columns[c]] = nanoseconds(line.measured[c].median);
  }
}

}  // namespace

// Memory first: what has been used and given back is resident still.
Plan make_plan(bool quick) {
  Plan plan;
  plan.scale.quick = quick;
  if (getloadavg(&plan.load, 1) != 1) plan.load = 0;
  add_memory_rows(plan);
  add_fork_rows(plan);
  add_fault_rows(plan);
  add_zap_rows(plan);
  add_thread_rows(plan);
  add_explore_rows(plan);
  add_kernel_rows(plan);
  add_growth(plan);
  return plan;
}

void register_benchmarks(Plan& plan) {
  const Scale scale = plan.scale;
  for (Row& row : plan.rows) {
    if (!row.not_measured.empty()) continue;
    const auto run = [scale, &row](benchmark::State& state) { run_row(state, scale, row); };
    benchmark::RegisterBenchmark(row.name.c_str(), run)
        ->UseManualTime()
        ->Iterations(row.repetitions)
        ->Unit(benchmark::kMicrosecond);
  }
  for (Growth& growth : plan.growths)
    for (Growing& line : growth.lines) {
      const auto run = [scale, &growth, &line](benchmark::State& state) {
        run_line(state, scale, growth, line);
      };
      benchmark::RegisterBenchmark(line.name.c_str(), run)
          ->UseManualTime()
          ->Iterations(scale.repetitions(7))
          ->Unit(benchmark::kMicrosecond);
    }
}

}  // namespace cow::bench

// How many executions the explorer makes of the shipped code, beside what its scheduler makes of
// none.
#include <array>
#include <string>

#include "explored.h"
#include "rows.h"
#include "timers.h"

namespace cow::bench {
namespace {

// Bodies that take so many points, each on a word of its own, and do nothing else.
class EmptyBodies {
 public:
  EmptyBodies(unsigned threads, std::uint64_t points) {
    for (unsigned i = 0; i < threads; ++i)
      bodies_.emplace_back([this, i, points] {
        for (std::uint64_t n = 0; n < points; ++n) explore::Explored::load(words_[i]);
      });
  }
  EmptyBodies(const EmptyBodies&) = delete;
  EmptyBodies& operator=(const EmptyBodies&) = delete;
  void explore(const explore::Options& options) const {
    explore::explore(
        options, [] {}, bodies_, [](const explore::Execution&) { return true; });
  }

 private:
  std::array<std::uint32_t, explore::kBodies> words_{};
  explore::Bodies bodies_;
};

// Orders at random on both sides: then both sides' executions are as many, and the scheduler's work
// for a point is the same.
class ExplorePair : public Pair {
 public:
  ExplorePair(unsigned threads, std::uint64_t executions, bool with_points)
      : subject_(threads), empty_(threads, with_points ? points_of_a_body(threads) : 0) {
    options_ = at_random(executions);
  }

  double ours() override {
    return timed([this] { subject_.explore(options_); });
  }
  double limit() override {
    return timed([this] { empty_.explore(options_); });
  }

 private:
  static explore::Options at_random(std::uint64_t executions) {
    explore::Options options;
    options.way = explore::Options::Way::random;
    options.executions = executions;
    return options;
  }
  std::uint64_t points_of_a_body(unsigned threads) const {
    const interleave::Explored explored = subject_.explore(at_random(100));
    return explored.points / explored.executions / threads;
  }

  Explorable subject_;
  EmptyBodies empty_;
  explore::Options options_;
};

}  // namespace

void add_explore_rows(Plan& plan) {
  const std::uint64_t executions = plan.scale.quick ? 100 : 20'000;
  for (const unsigned threads : {2u, 3u})
    for (const bool with_points : {true, false}) {
      Row row;
      row.name = "explore/" + std::to_string(threads) + "_threads" +
                 (with_points ? "" : "/without_points");
      row.section = "Exploration";
      row.machine = kThreads.words;
      row.what = "an execution of the shipped code explored and checked, " +
                 std::to_string(threads) + " threads";
      row.beside = with_points ? "empty bodies of as many points" : "bodies without a point";
      row.goal = at_least(with_points ? 0.25 : 0);
      row.make = [=] { return std::make_unique<ExplorePair>(threads, executions, with_points); };
      row.per = static_cast<double>(executions);
      row.repetitions = plan.scale.repetitions(9);
      plan.rows.push_back(row);
    }
}

}  // namespace cow::bench

// cow_stress: real threads on one machine, for as long as is asked.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "impl/machine.h"
#include "stress/world.h"

namespace {

using namespace cow;

// A line that says how far it is, on a terminal only.
class Progress {
 public:
  Progress(const stress::Tally& tally, double seconds)
      : thread_(
            [this, &tally, seconds](const std::stop_token& stop) { tell(stop, tally, seconds); }) {}

 private:
  void tell(const std::stop_token& stop, const stress::Tally& tally, double seconds) const {
    if (isatty(STDERR_FILENO) == 0) return;
    while (!stop.stop_requested()) {
      const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - start_;
      fmt::print(stderr, "\r\033[K{:.0f} of {:.0f} s, {} steps, {} forks, {} copies", gone.count(),
                 seconds, tally.steps.load(), tally.forks.load(), tally.copied.load());
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    fmt::print(stderr, "\r\033[K");
  }
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::jthread thread_;
};

// One second and one seed after the other, so that a failure names a seed that is short to repeat.
template <class Machine>
int stress_one(stress::Plan plan, double seconds, const std::string& name) {
  stress::Tally tally;
  {
    const Progress progress(tally, seconds);
    for (double left = seconds; left > 0; left -= 1, ++plan.seed) {
      plan.time = std::chrono::milliseconds(static_cast<int>(std::min(left, 1.0) * 1000));
      stress::World<Machine> world(plan, tally);
      if (const auto wrong = world.run()) {
        fmt::print("FAIL {} rule {} seed {}: {}\n", name, plan.rules->name, plan.seed, *wrong);
        return 1;
      }
    }
  }
  fmt::print(
      "ok {} rule {}: {} steps, {} forks, {} snapshots, {} pins, {} marks, {} moved, {} copied, {} "
      "reused\n",
      name, plan.rules->name, tally.steps.load(), tally.forks.load(), tally.snapshots.load(),
      tally.pins.load(), tally.watched.load(), tally.moved.load(), tally.copied.load(),
      tally.reused.load());
  // A run in which nothing met shows nothing.
  const bool may_watch = plan.rules->reuse_needs_refcount_1;
  const bool met = tally.forks > 0 && tally.pins > 0 && tally.copied > 0 && tally.reused > 0 &&
                   tally.moved > 0 && (tally.watched > 0 || !may_watch || seconds < 2);
  if (!met)
    fmt::print("FAIL {}: a fork, a pin, a mark, a move, a copy or a reuse is missing\n", name);
  return met ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Threads that fork, write, read and pin on one machine; each checks what it sees."};
  double seconds = 2;
  stress::Plan plan;
  std::string rule = "all";
  app.add_option("--seconds", seconds, "For each rule set (an hour is 3600)")
      ->capture_default_str();
  app.add_option("--seed", plan.seed, "The first seed; each second has the next one")
      ->capture_default_str();
  app.add_option("--pages", plan.pages, "Pages of the region")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--threads", plan.threads, "Threads of the parent")
      ->check(CLI::Range(1u, kCells))
      ->capture_default_str();
  app.add_option("--rule", rule, "A rule set, or all")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  int status = 0;
  bool any = false;
  for (const Rules& rules : kRules) {
    if (rule != "all" && rule != rules.name) continue;
    any = true;
    plan.rules = &rules;
    status |= stress_one<impl::Machine>(plan, seconds, "copied-tables");
    status |= stress_one<impl::SharedTablesMachine>(plan, seconds, "shared-tables");
  }
  if (!any) fmt::print(stderr, "error: no rule set '{}'\n", rule);
  return any ? status : 2;
}

// How fast executions run: bodies of some points on words of their own, under each way.
#include <array>
#include <chrono>
#include <cstdio>

#include "explore/explore.h"
#include "explore/explored.h"

namespace cow::explore {
namespace {

std::array<std::array<unsigned, 16>, kBodies> words;

void measure(const char* name, unsigned bodies, unsigned points, bool shared,
             const Options& options) {
  Bodies all;
  for (unsigned i = 0; i < bodies; ++i)
    all.emplace_back([i, points, shared] {
      for (unsigned at = 0; at < points; ++at)
        Explored::fetch_add(words[shared ? 0 : i][at % 16], 1);
    });
  const auto start = std::chrono::steady_clock::now();
  const Totals totals = explore(
      options, [] {}, all, [](const Execution&) { return true; });
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const auto executions = static_cast<double>(totals.executions);
  std::printf(
      "%-8s %u bodies of %5u points, %s: %9.0f executions/s, %6.1f ns/point, %llu blocked\n", name,
      bodies, points, shared ? "shared" : "apart ", executions / seconds,
      seconds * 1e9 / static_cast<double>(totals.points),
      static_cast<unsigned long long>(totals.blocked));
}

}  // namespace
}  // namespace cow::explore

int main() {
  using namespace cow::explore;
  using Way = Options::Way;
  constexpr std::uint64_t kTimes = 300'000;
  for (const unsigned bodies : {2u, 3u}) {
    measure("random", bodies, 3, false, {.way = Way::random, .executions = 10 * kTimes});
    measure("random", bodies, 20, false, {.way = Way::random, .executions = kTimes});
    measure("random", bodies, 20, true, {.way = Way::random, .executions = kTimes});
    measure("bounded", bodies, 20, true,
            {.way = Way::bounded, .preemptions = 8, .executions = kTimes});
    measure("all", bodies, 20, true, {.executions = kTimes});
  }
  measure("random", 1, 9000, false, {.way = Way::random, .executions = kTimes / 30});
}

// Many steps in lockstep: machines agree everywhere; nothing is missed or wrong under 5.19 and 6.15
// with every kind of reference but plain read-write gets, and with those it is found at once.
//
// soak [STEPS [SEED [RULE]]]
#include "laws/soak.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "laws/witness.h"
#include "trace/print.h"

namespace {

using namespace cow;
using namespace cow::laws;

bool told(const char* what, const Rules& rules, const Soaked& soaked, bool expected,
          double seconds) {
  std::printf("%-6s %-5s %-32s %10llu steps, %.0f a second, %llu missed, %llu wrong\n",
              expected ? "ok" : "FAIL", std::string(rules.name).c_str(), what,
              static_cast<unsigned long long>(soaked.steps),
              static_cast<double>(soaked.steps) / seconds,
              static_cast<unsigned long long>(soaked.missed),
              static_cast<unsigned long long>(soaked.wrong));
  if (soaked.witness && !expected)
    std::printf("%s\n%s", soaked.said.c_str(),
                trace::print(witness("soak", "", "", *soaked.witness)).c_str());
  std::fflush(stdout);
  return expected;
}

bool go(const char* what, std::size_t rule, const Profile& profile, std::uint64_t seed,
        std::uint64_t steps, StopAt stop, bool found) {
  const auto start = std::chrono::steady_clock::now();
  const Soaked soaked = soak(kRules[rule], profile, seed, steps, 50, stop);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return told(what, kRules[rule], soaked, soaked.witness.has_value() == found, took.count());
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t steps = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 300'000;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const std::string_view only = argc > 3 ? argv[3] : "";
  const auto wanted = [&](std::size_t rule) { return only.empty() || only == kRules[rule].name; };
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  bool ok = only.empty() || find_rules(only);
  for (const std::size_t rule : {0u, 1u, 2u}) {
    if (!wanted(rule)) continue;
    ok &= go("everything, agreement", rule, profile("everything"), seed, steps / 10,
             StopAt::disagreement, false);
  }
  for (const std::size_t rule : {3u, 4u}) {
    if (!wanted(rule)) continue;
    for (const char* name : {"everything", "stray"})
      ok &= go(name, rule, profile(name), seed, steps / 2, StopAt::missed_or_wrong, false);
    ok &= go("references with plain rw gets", rule, with_get_rw(profile("references")), seed, steps,
             StopAt::missed_or_wrong, true);
  }
  return ok ? 0 : 1;
}

// A law on one test case.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "laws/law.h"
#include "laws/machines.h"
#include "laws/words.h"

namespace cow::laws {

// What the traces were made of, as they ran.
struct Tally {
  std::uint64_t cases = 0, steps = 0, deaths = 0, forks = 0, pins = 0, writes_through = 0;
  std::array<std::uint64_t, 16> outcomes{};  // by Outcome
  std::array<std::uint64_t, 4> verdicts{};   // by judge::Verdict

  void note(const Step& step, const judge::Told& told);
  Tally& operator+=(const Tally& other);
  [[nodiscard]] std::uint64_t of(Outcome o) const { return outcomes[static_cast<std::size_t>(o)]; }
};

struct Ran {
  Seen seen = Seen::other;  // broken, or whether its case was met at all
  std::uint64_t met = 0;    // how often
  std::size_t at = 0;       // broken: the index of the step
  std::string said;         // … and what the machines said of it, if anything
};

// Until the law is broken, or the trace ends.
Ran run(const Law& law, const Rules& rules, const Case& test, const MakeMachines& make,
        Tally* tally);

}  // namespace cow::laws

// A law under one rule set, over many cases that RapidCheck makes and shrinks.
#pragma once

#include <cstdint>
#include <string>

#include "laws/law.h"
#include "laws/machines.h"
#include "laws/run.h"

namespace cow::laws {

struct Checked {
  bool broken = false;
  Case witness;               // where broken: shrunk
  std::string said;           // … and what the machines said of it
  std::uint64_t cases = 0;    // tried
  std::uint64_t met = 0;      // how often the law's case occurred
  std::uint64_t meeting = 0;  // cases in which it occurred
  Tally tally;
};

struct Effort {
  std::uint64_t seed = 1;
  std::uint32_t cases = 100;  // at least; more until the law met its case, or a known finding shows
  std::uint32_t size = 50;
};

Checked check_law(const Law& law, std::size_t rule, const Effort& effort, const MakeMachines& make);

}  // namespace cow::laws

// A build whose mutant is chosen at run time, one a thread.
#pragma once

#include <optional>

#include "impl/detail/bodies.h"

namespace cow::impl {

struct MutatedBuild : Shipped {
  static inline thread_local std::optional<Mutant> active;
  static constexpr bool kSharesRuns = false;
  static bool mutated(Mutant m) { return active == m; }
};
using MutatedMachine = BasicMachine<MutatedBuild>;

}  // namespace cow::impl

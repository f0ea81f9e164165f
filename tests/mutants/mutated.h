// Machines that are wrong in one way, chosen when they run. Nothing of this is in what ships.
#pragma once

#include <cstdint>

#include "impl/detail/bodies.h"
#include "logic/show.h"

namespace cow::mutants {

struct MutatedLogic : spec::Concrete {
  static inline spec::Mutant chosen = spec::Mutant::none;
  static bool mutated(spec::Mutant m) { return m == chosen; }
};
using MutatedSpec = spec::Shown<MutatedLogic>;

struct MutatedBuild : impl::Shipped {
  static inline bool any = false;
  static inline impl::Mutant chosen{};
  static constexpr bool kSharesRuns = false;
  static bool mutated(impl::Mutant m) { return any && m == chosen; }
};
using MutatedImpl = impl::BasicMachine<MutatedBuild>;
struct MutatedSharedBuild : MutatedBuild {
  static constexpr bool kSharesTables = true;
};
using MutatedSharedImpl = impl::BasicMachine<MutatedSharedBuild>;

}  // namespace cow::mutants

// The implementation as it ships, but that a scheduler decides at each of its atomic accesses and
// locks who goes next; and the same with one ordering broken, for the tests of the explorer.
#pragma once

#include <optional>

#include "explore/explored.h"
#include "impl/machine.h"

namespace cow::interleave {

struct ExploredBuild : impl::Shipped {
  using Sync = explore::Explored;
  // fork lets go of the page table's lock after each entry, as it may. FORK-9
  static constexpr unsigned kForkBatch = 1;
  static constexpr bool kSharesRuns = false;
  // The mutant at work, for all machines of this build; none in a program that only uses them.
  static inline std::optional<impl::Mutant> broken;
  static bool mutated(impl::Mutant m) { return broken == m; }
};
using ExploredMachine = impl::BasicMachine<ExploredBuild>;

// The same with page tables that processes share.
struct ExploredSharedTablesBuild : ExploredBuild {
  static constexpr bool kSharesTables = true;
};
using ExploredSharedTablesMachine = impl::BasicMachine<ExploredSharedTablesBuild>;

}  // namespace cow::interleave

namespace cow::impl {
extern template class BasicMachine<interleave::ExploredBuild>;
extern template class BasicMachine<interleave::ExploredSharedTablesBuild>;
}  // namespace cow::impl

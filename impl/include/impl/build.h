// What a build of the machine chooses: its Sync, how fork goes, and which mutant it is, if any.
#pragma once

#include "impl/mutant.h"
#include "impl/page_tables.h"
#include "impl/sync.h"

namespace cow::impl {

// The builds that are right: what ships for threads, and for one thread at a time.
struct Shipped {
  using Sync = Threads;
  // Fork shares page tables, and what it owes their entries is paid later: impl/detail/share.h.
  static constexpr bool kSharesTables = false;
  // Entries that fork copies before it lets go of the page table's lock. FORK-9
  static constexpr unsigned kForkBatch = kTableEntries;
  // Whether fork may take eight entries in one go. A build with mutants looks at each.
  static constexpr bool kSharesRuns = true;
  static constexpr bool mutated(Mutant) { return false; }
};
struct ShippedForOneThread : Shipped {
  using Sync = OneThread;
};
struct SharedTables : Shipped {
  static constexpr bool kSharesTables = true;
};
struct SharedTablesForOneThread : SharedTables {
  using Sync = OneThread;
};

}  // namespace cow::impl

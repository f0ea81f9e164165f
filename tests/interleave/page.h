// docs/interleavings.md: what was found, without anything that depends on time.
#pragma once

#include <string>
#include <vector>

#include "impl/order_mutants.h"
#include "kills.h"

namespace cow::interleave {

struct MutantRow {
  impl::OrderMutantInfo info;
  std::vector<std::size_t> rules;  // under which it is killed
  Kill kill;                       // under the last of them
};
struct TraceRow {
  std::string trace;
  std::size_t rule;
  Clean clean;
  std::size_t allowed_ends;  // of the specification
};
// Of one build.
struct Chapter {
  std::string_view fork;
  std::vector<MutantRow> mutants;
  std::vector<TraceRow> traces;
};

[[nodiscard]] std::string page(const std::vector<Chapter>& chapters);

}  // namespace cow::interleave

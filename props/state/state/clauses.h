// The clauses over a snapshot: each as one formula for each thing that it speaks about.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "state/pages.h"

namespace cow::state {

struct Instance {
  const Page* page;
  z3::expr holds;
  std::uint32_t line;
  std::function<std::string()> witness;  // asked only where it does not hold
};

struct Clause {
  std::string_view name;
  void (*instances)(Pages&, const Page&, std::vector<Instance>&);  // of one page
};

const std::vector<Clause>& all_clauses();

}  // namespace cow::state

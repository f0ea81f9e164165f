// The decisions that are proved equal, one row each: what the implementation decides, what the
// specification's text comes to, and wrong variants that must not pass.
#pragma once

#include <functional>
#include <vector>

#include "prove/facts.h"

namespace cow::prove {

using RuleWords = impl::RuleBits<Truth>;
using Decided = std::function<Truth(const Words&, const RuleWords&)>;

struct Wrong {
  const char* what;
  Decided decided;
};

struct Decision {
  const char* name;
  const char* clause;
  Decided decided;
  std::function<Truth(Facts&)> expected;  // run on every path of the specification's text
  std::vector<Wrong> wrong;
};

// By what they are about.
std::vector<Decision> word_decisions();     // what the bits of a word mean, and how counts add up
std::vector<Decision> page_decisions();     // write faults, fork, mprotect: one entry and its page
std::vector<Decision> feature_decisions();  // swap, KSM, migration, userfaultfd
std::vector<Decision> huge_decisions();     // huge pages and large folios
std::vector<Decision> use_decisions();      // accesses and references
std::vector<Decision> area_decisions();     // areas, as fork and merging see them
std::vector<Decision> all_decisions();

}  // namespace cow::prove

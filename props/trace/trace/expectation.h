// What a line of a trace expects under each rule set: outcomes, values or facts, as numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cow/rules.h"

namespace cow::trace {

// A set of rule sets: bit i stands for kRules[i].
using RuleBits = std::uint8_t;
inline constexpr RuleBits kEveryRule = (1u << kRules.size()) - 1;

// One expectation that some rule sets share.
struct Wanted {
  RuleBits rules = 0;
  std::vector<std::uint32_t> any_of;  // sorted, each once; empty: `-`, anything at all
  bool operator==(const Wanted&) const = default;
};

// At most one Wanted for each rule set, equal ones merged, in the order of their first rule set. So
// two expectations that ask the same are equal.
class Expectation {
 public:
  // Nothing is asked under any rule set.
  [[nodiscard]] bool empty() const { return all_.empty(); }
  // What is asked under kRules[rule]; null where nothing is.
  [[nodiscard]] const Wanted* find(std::size_t rule) const;
  // Whether `seen` is as expected under kRules[rule]; true where nothing is asked.
  [[nodiscard]] bool admits(std::size_t rule, std::uint32_t seen) const;
  [[nodiscard]] const std::vector<Wanted>& all() const { return all_; }
  // The rule sets under which something is asked.
  [[nodiscard]] RuleBits rules() const;

  // REQUIRES: none of `rules` has an expectation yet.
  void add(RuleBits rules, std::vector<std::uint32_t> any_of);

  bool operator==(const Expectation&) const = default;

 private:
  std::vector<Wanted> all_;
};

}  // namespace cow::trace

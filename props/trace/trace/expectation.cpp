// Expectations by rule set, kept in one form.
#include "trace/expectation.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace cow::trace {

const Wanted* Expectation::find(std::size_t rule) const {
  for (const Wanted& wanted : all_)
    if ((wanted.rules >> rule & 1u) != 0) return &wanted;
  return nullptr;
}

bool Expectation::admits(std::size_t rule, std::uint32_t seen) const {
  const Wanted* wanted = find(rule);
  if (wanted == nullptr || wanted->any_of.empty()) return true;
  return std::binary_search(wanted->any_of.begin(), wanted->any_of.end(), seen);
}

RuleBits Expectation::rules() const {
  RuleBits bits = 0;
  for (const Wanted& wanted : all_) bits |= wanted.rules;
  return bits;
}

void Expectation::add(RuleBits rules, std::vector<std::uint32_t> any_of) {
  assert((rules & this->rules()) == 0);
  if (rules == 0) return;
  std::sort(any_of.begin(), any_of.end());
  any_of.erase(std::unique(any_of.begin(), any_of.end()), any_of.end());
  const auto same = std::find_if(all_.begin(), all_.end(),
                                 [&](const Wanted& wanted) { return wanted.any_of == any_of; });
  if (same != all_.end()) same->rules |= rules;
  else all_.push_back({rules, std::move(any_of)});
  std::sort(all_.begin(), all_.end(), [](const Wanted& a, const Wanted& b) {
    return std::countr_zero(a.rules) < std::countr_zero(b.rules);
  });
}

}  // namespace cow::trace

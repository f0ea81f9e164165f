#include "prove/known.h"

#include <algorithm>

namespace cow::prove {

void Known::Set::add(const z3::expr& e) {
  const auto at = std::lower_bound(ids_.begin(), ids_.end(), e.id());
  if (at != ids_.end() && *at == e.id()) return;
  ids_.insert(at, e.id());
  kept_.push_back(e);
}

bool Known::Set::within(const Set& other) const {
  return std::includes(other.ids_.begin(), other.ids_.end(), ids_.begin(), ids_.end());
}

bool Known::has(const Set& clauses, const Set& conditions, const z3::expr& goal) const {
  const auto under = proofs_.find(conditions);
  if (under == proofs_.end()) return false;
  const auto found = under->second.find(goal.id());
  return found != under->second.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [&](const Proof& p) { return clauses_[p.clauses].within(clauses); });
}

void Known::add(const Set& clauses, const Set& conditions, const z3::expr& goal) {
  const auto same = std::find_if(clauses_.begin(), clauses_.end(),
                                 [&](const Set& s) { return !(s < clauses) && !(clauses < s); });
  const auto place = static_cast<std::size_t>(same - clauses_.begin());
  if (same == clauses_.end()) clauses_.push_back(clauses);
  proofs_[conditions][goal.id()].push_back({place, goal});
}

}  // namespace cow::prove

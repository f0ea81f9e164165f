// The invariants as formulas, collected from the text that also runs (spec/invariants.h).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "prove/clause.h"
#include "prove/world.h"

namespace cow::prove {

// Every clause, or those at the wanted places of the list, in the world's present state.
std::vector<Clause> clauses(const World& world, const std::vector<bool>* wanted = nullptr);

// The clause for all values of what it speaks about.
z3::expr for_all_values(const Clause& clause);

}  // namespace cow::prove

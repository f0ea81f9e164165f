// Whether a clause holds of a snapshot, is violated, or cannot be known.
#pragma once

#include "state/check.h"
#include "state/clauses.h"

namespace cow::state {

std::vector<Finding> decide(std::string_view clause, const std::vector<Instance>& instances);

}  // namespace cow::state

// The report: what was measured, where, and which goals are met.
#pragma once

#include <ostream>

#include "rows.h"

namespace cow::bench {

void write_report(std::ostream& out, const Plan& plan);

}  // namespace cow::bench

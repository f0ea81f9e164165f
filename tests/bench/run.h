// Runs a plan as Google benchmarks, which may be filtered and reported as any others, and keeps
// what each came to.
#pragma once

#include "rows.h"

namespace cow::bench {

Plan make_plan(bool quick);

// The plan outlives the run.
void register_benchmarks(Plan& plan);

}  // namespace cow::bench

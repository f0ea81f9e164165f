// The machines that a trace runs on.
#pragma once

#include "impl/machine.h"
#include "judge/lockstep.h"
#include "logic/show.h"

namespace cow::runner {

using Machines = judge::Lockstep<spec::Specification, impl::Machine>;

}  // namespace cow::runner

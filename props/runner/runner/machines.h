// The machines that a trace runs on.
#pragma once

#include "impl/machine.h"
#include "judge/lockstep.h"
#include "logic/show.h"

namespace cow::runner {

template <class Implementation> using Beside = judge::Lockstep<spec::Specification, Implementation>;
using Machines = Beside<impl::Machine>;
using SharedTablesMachines = Beside<impl::SharedTablesMachine>;

}  // namespace cow::runner

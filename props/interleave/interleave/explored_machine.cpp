#include "interleave/explored_machine.h"

#include "impl/detail/bodies.h"

namespace cow::impl {
template class BasicMachine<interleave::ExploredBuild>;
template class BasicMachine<interleave::ExploredSharedTablesBuild>;
}  // namespace cow::impl

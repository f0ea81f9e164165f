// The shipped machine's code stands in one object file.
#include "impl/machine.h"

#include "impl/detail/bodies.h"

namespace cow::impl {
template class BasicMachine<Shipped>;
}  // namespace cow::impl

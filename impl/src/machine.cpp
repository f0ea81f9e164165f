// The shipped machines' code stands in one object file.
#include "impl/machine.h"

#include "impl/detail/bodies.h"

namespace cow::impl {
template class BasicMachine<Shipped>;
template class BasicMachine<ShippedForOneThread>;
template class BasicMachine<SharedTables>;
template class BasicMachine<SharedTablesForOneThread>;
}  // namespace cow::impl

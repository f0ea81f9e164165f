#include "laws/machines.h"

#include "impl/machine.h"
#include "logic/show.h"

namespace cow::laws {

std::unique_ptr<Machines> specification_and_implementation(const Setup& setup, const Rules& rules) {
  using Shipped = BothWays<spec::Specification, impl::Machine, impl::SharedTablesMachine>;
  return std::make_unique<Shipped>(setup, rules, judge::Depth::full);
}

std::unique_ptr<Machines> specification_alone(const Setup& setup, const Rules& rules) {
  return std::make_unique<Alone<spec::Specification>>(setup, rules);
}

}  // namespace cow::laws

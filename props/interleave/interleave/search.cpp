#include "interleave/search.h"

namespace cow::interleave {

bool is_unexplained(const Allowed& allowed, const runner::Execution& e) {
  return !allowed.explains(e);
}

bool is_unsound(const Allowed& allowed, const runner::Execution& e) {
  const par::Orders::Final* final = allowed.orders().find(e.end);
  return final != nullptr && !final->world.judge.is_sound();
}

Looked look(const Allowed& allowed, const runner::Executions& implementation, Odd odd) {
  Looked looked;
  implementation.run(allowed.block(), [&](const runner::Execution& e) {
    ++looked.executions;
    if (odd(allowed, e)) looked.odd = e.schedule;
    return !looked.odd;
  });
  return looked;
}

}  // namespace cow::interleave

// A program under one rule set: all that the specification lets it come to.
#pragma once

#include "interleave/block.h"

namespace cow::interleave {

class Allowed {
 public:
  Allowed(const Program& program, const Rules& rules)
      : block_(block_of(program, rules)),
        orders_(start_of(program, rules), block_.columns, block_.places) {}

  [[nodiscard]] const runner::Block& block() const { return block_; }
  [[nodiscard]] const par::Orders& orders() const { return orders_; }

  // One of the specification's executions ends like this one, and the machine's own counts hold.
  [[nodiscard]] bool explains(const runner::Execution& e) const {
    return e.wrong.empty() && orders_.explains(e.end);
  }

 private:
  runner::Block block_;
  par::Orders orders_;
};

}  // namespace cow::interleave

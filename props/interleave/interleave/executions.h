// A par block on the implementation: its threads in every order of their points.
#pragma once

#include <cstdint>

#include "explore/explore.h"
#include "runner/executions.h"

namespace cow::interleave {

// How many executions are tried before it is left at that: first all orders up to equivalence; if
// these are more than `all`, then those with few preemptions, then orders at random.
struct Effort {
  std::uint64_t all = 20'000;
  std::uint64_t bounded = 10'000;
  unsigned preemptions = 2;
  std::uint64_t random = 5'000;
  std::uint64_t seed = 1;
};

struct Explored {
  std::uint64_t executions = 0;
  std::uint64_t points = 0;
  bool complete = false;  // all orders up to equivalence were seen
};

template <class Machine> class Executions : public runner::Executions {
 public:
  explicit Executions(const Effort& effort = {}) : effort_(effort) {}

  bool run(const runner::Block& block,
           const std::function<bool(const runner::Execution&)>& seen) const override {
    return explored(block, seen).complete;
  }
  // The same, and says how much it was. With a schedule in the block: that execution alone.
  Explored explored(const runner::Block& block,
                    const std::function<bool(const runner::Execution&)>& seen) const;
  // In one way alone.
  Explored explored(const runner::Block& block, const explore::Options& options,
                    const std::function<bool(const runner::Execution&)>& seen) const;
  // The schedule of a failing execution, made short: `fails` is asked again.
  explore::Schedule shorten(const runner::Block& block, const explore::Schedule& failing,
                            const std::function<bool(const runner::Execution&)>& fails) const;

 private:
  class Stage;
  Effort effort_;
};

}  // namespace cow::interleave

#include "interleave/stage.h"

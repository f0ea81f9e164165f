// Small programs that are made at random, run in fibers, and also enumerated without any: every
// interleaving, by copying the state, so that what the explorer leaves out is seen.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "explore/explore.h"

namespace cow::explore {

struct Op {
  enum class What {
    load,
    store,
    add,
    skip,
    lock,
    unlock,
    read_lock,
    read_unlock,
    write_lock,
    write_unlock
  };
  What what;
  unsigned place;  // word or lock; skip: so many ops, if the register is odd
};
using Program = std::vector<std::vector<Op>>;

Program random_program(std::uint64_t seed, unsigned bodies, unsigned ops);
std::string said(const Program& program);

// Of the executions seen: each class of equivalent ones, and each final state.
struct Seen {
  std::set<std::string> classes;
  std::set<std::string> states;
};

Seen every_interleaving(const Program& program);

struct Outcome {
  Seen seen;
  Totals totals;
};
Outcome explored(const Program& program, const Options& options);

}  // namespace cow::explore

// How a par block is run on an implementation: by whoever can make its threads take turns.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cow/rules.h"
#include "par/orders.h"

namespace cow::runner {

// A par block with what stands around it.
struct Block {
  Setup setup;
  Rules rules;
  std::vector<Step> before;             // taken first, one after the other
  par::Columns columns;                 // then these, at once
  std::vector<std::uint32_t> schedule;  // which column takes each point; empty: as many orders as
                                        // there are
  std::vector<Step> after;              // and these, one after the other
  par::Places places;                   // what is looked at
};

// One execution that has come to its end.
struct Execution {
  par::End end;                         // of the block
  par::End after;                       // of the steps after it, as one column
  std::vector<std::uint32_t> schedule;  // repeats it
  std::string wrong;                    // what the machine found wrong in itself; empty: nothing
};

class Executions {
 public:
  Executions() = default;
  Executions(const Executions&) = delete;
  Executions& operator=(const Executions&) = delete;
  virtual ~Executions() = default;
  // Calls `seen` for each execution until it says false. Returns whether these were all that there
  // are, but for the order of what does not depend on each other.
  virtual bool run(const Block& block, const std::function<bool(const Execution&)>& seen) const = 0;
};

}  // namespace cow::runner

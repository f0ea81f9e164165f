// All schedules with at most so many preemptions, those with fewer first. A preemption takes the
// turn from a body that could have gone on; a body that waits or has finished gives it away.
//
// No two of them are taken for one another: what a sleep set leaves out may have an equivalent
// with more preemptions only.
#pragma once

#include <vector>

#include "explore/way.h"

namespace cow::explore {

class Bounded : public Way {
 public:
  explicit Bounded(unsigned preemptions) : most_(preemptions) {}
  Choice choose(const Course& course) override;
  // Those with fewer were told of before.
  bool is_new(const Course&) const override { return spent() == bound_; }
  bool next(const Course& course) override;
  bool complete() const override { return !cut_; }

 private:
  struct Node {
    unsigned body;    // who takes the point
    unsigned before;  // who took the one before
    Mask rest;        // who else could, and was not yet tried
    unsigned spent;   // preemptions up to here, this one not counted
    bool preempting;  // does whoever is in `rest` take the turn from `before`?
  };
  unsigned spent() const;
  Choice along_the_path(std::uint32_t at) const;

  unsigned most_;
  unsigned bound_ = 0;
  bool cut_ = false;  // was something left out for the bound?
  std::vector<Node> nodes_;
  std::uint32_t path_ = 0;
};

}  // namespace cow::explore

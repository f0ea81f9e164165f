// All orders of the points, one of each class of equivalent ones: depth first, with source sets
// and sleep sets. Two schedules are equivalent if each follows from the other by exchanging
// neighbours that are not dependent; such end alike.
#pragma once

#include <vector>

#include "explore/races.h"
#include "explore/way.h"

namespace cow::explore {

class All : public Way {
 public:
  Choice choose(const Course& course) override;
  bool is_new(const Course&) const override { return blocked_at_ == kForGood; }
  bool next(const Course& course) override;
  bool complete() const override { return true; }

 private:
  struct Node {       // the state before a point
    unsigned body;    // who takes it now
    Mask done = 0;    // who took it in executions before
    Mask todo = 0;    // who is to take it, done ones among them
    Mask asleep = 0;  // whose turn was looked at elsewhere, and nothing since depends on it
  };
  Choice along_the_path(std::uint32_t at) const;
  Mask asleep_after(const Course& course) const;

  std::vector<Node> nodes_;
  std::uint32_t path_ = 0;   // so many nodes are given for this execution
  std::uint32_t known_ = 0;  // races with a second among so many points were found before
  std::uint32_t blocked_at_ = kForGood;
  Races races_;
};

}  // namespace cow::explore

// Random schedules after Burckhardt, Kothari, Musuvathi and Nagarakatte (A randomized scheduler
// with probabilistic guarantees of finding bugs, ASPLOS 2010): each body has a priority, the
// highest one that can goes on, and at some points that are drawn before, whoever runs falls below
// all others. A bug that needs d preemptions is found with a chance of at least 1 in n k^d, among n
// bodies and k points.
#pragma once

#include <array>
#include <vector>

#include "explore/way.h"

namespace cow::explore {

class Random : public Way {
 public:
  Random(std::uint64_t seed, unsigned preemptions);
  Choice choose(const Course& course) override;
  bool next(const Course& course) override;

 private:
  std::uint64_t draw(std::uint64_t below);
  void deal(unsigned bodies);

  std::uint64_t state_;
  unsigned changes_;
  std::uint32_t longest_ = 0;  // execution so far, in points
  bool dealt_ = false;
  std::array<unsigned, kBodies> priority_{};
  std::vector<std::uint32_t> change_at_;  // ascending
  std::size_t changed_ = 0;               // so many of them have come
};

}  // namespace cow::explore

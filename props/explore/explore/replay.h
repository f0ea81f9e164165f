// A schedule that is given; after its end the enabled body of the lowest number runs on until it
// must stop, and so on.
#pragma once

#include <span>

#include "explore/way.h"

namespace cow::explore {

class Replay : public Way {
 public:
  explicit Replay(std::span<const std::uint32_t> schedule) : schedule_(schedule) {}
  Choice choose(const Course& course) override;
  bool next(const Course&) override { return false; }
  // A body that cannot go when it is to go is passed over.
  bool strayed() const override { return strayed_; }

 private:
  std::span<const std::uint32_t> schedule_;
  std::size_t position_ = 0;
  std::uint32_t count_ = 0;  // when last asked
  bool strayed_ = false;
};

}  // namespace cow::explore

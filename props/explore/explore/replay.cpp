#include "explore/replay.h"

#include <algorithm>

namespace cow::explore {

Choice Replay::choose(const Course& course) {
  position_ = std::min(schedule_.size(), position_ + (course.count - count_));
  count_ = course.count;
  for (; position_ < schedule_.size(); ++position_, strayed_ = true) {
    const std::uint32_t body = schedule_[position_];
    if (body >= course.bodies || !has(course.enabled, body)) continue;
    std::size_t end = position_;
    while (end < schedule_.size() && schedule_[end] == body) ++end;
    return {body, static_cast<std::uint32_t>(course.count + (end - position_))};
  }
  return {lowest(course.enabled), kForGood};
}

}  // namespace cow::explore

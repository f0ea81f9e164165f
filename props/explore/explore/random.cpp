#include "explore/random.h"

#include <algorithm>
#include <utility>

namespace cow::explore {

Random::Random(std::uint64_t seed, unsigned preemptions) : state_(seed), changes_(preemptions) {}

// SplitMix64: the same on every machine.
std::uint64_t Random::draw(std::uint64_t below) {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return (z ^ (z >> 31)) % below;
}

// Before anything ran it is not known where a change would fall, so the first has none.
void Random::deal(unsigned bodies) {
  dealt_ = true;
  changed_ = 0;
  for (unsigned i = 0; i < bodies; ++i) priority_[i] = changes_ + 1 + i;
  for (unsigned i = bodies; i > 1; --i) std::swap(priority_[i - 1], priority_[draw(i)]);
  change_at_.clear();
  for (unsigned i = 0; i < changes_ && longest_ > 1; ++i)
    change_at_.push_back(1 + static_cast<std::uint32_t>(draw(longest_ - 1)));
  std::sort(change_at_.begin(), change_at_.end());
}

Choice Random::choose(const Course& course) {
  if (!dealt_) deal(course.bodies);
  for (; changed_ < change_at_.size() && change_at_[changed_] <= course.count; ++changed_)
    if (change_at_[changed_] == course.count)
      priority_[course.last()] = changes_ - static_cast<unsigned>(changed_);
  unsigned best = lowest(course.enabled);
  for (Mask rest = course.enabled; rest != 0; rest = without_lowest(rest))
    if (priority_[lowest(rest)] > priority_[best]) best = lowest(rest);
  // Whoever waits and is above takes over as soon as it can.
  for (Mask rest = course.alive; rest != 0; rest = without_lowest(rest))
    if (priority_[lowest(rest)] > priority_[best]) return {best, course.count + 1};
  return {best, changed_ < change_at_.size() ? change_at_[changed_] : kForGood};
}

bool Random::next(const Course& course) {
  longest_ = std::max(longest_, course.count);
  dealt_ = false;
  return true;
}

}  // namespace cow::explore

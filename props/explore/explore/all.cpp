#include "explore/all.h"

#include <algorithm>

namespace cow::explore {

Choice All::choose(const Course& course) {
  if (course.count < path_) return along_the_path(course.count);
  // The rest of an execution that is known already is cheaper to run than to unwind.
  if (blocked_at_ != kForGood) return {course.go_on(course.enabled), kForGood};
  while (nodes_.size() < course.count) nodes_.push_back({course.taken[nodes_.size()].body});
  const Mask asleep = asleep_after(course);
  const Mask awake = static_cast<Mask>(course.enabled & ~asleep);
  if (awake == 0) {
    blocked_at_ = course.count;
    return {course.go_on(course.enabled), kForGood};
  }
  const unsigned body = course.go_on(awake);
  nodes_.push_back({.body = body, .asleep = asleep});
  return {body, asleep == 0 ? kForGood : course.count + 1};
}

Choice All::along_the_path(std::uint32_t at) const {
  const unsigned body = nodes_[at].body;
  while (at < path_ && nodes_[at].body == body) ++at;
  return {body, at};
}

Mask All::asleep_after(const Course& course) const {
  if (course.count == 0) return 0;
  const Node& before = nodes_[course.count - 1];
  Mask asleep = static_cast<Mask>((before.asleep | before.done) & ~only(before.body));
  for (Mask rest = asleep; rest != 0; rest = without_lowest(rest))
    if (dependent(course.pending[lowest(rest)], course.taken[course.count - 1]))
      asleep = static_cast<Mask>(asleep & ~only(lowest(rest)));
  return asleep;
}

bool All::next(const Course& course) {
  if (course.count < path_) throw Unrepeatable();
  const std::uint32_t count = std::min(course.count, blocked_at_);
  while (nodes_.size() < count) nodes_.push_back({course.taken[nodes_.size()].body});
  for (const Reversal& race : races_.find(course, count, known_)) {
    Node& node = nodes_[race.at];
    const Mask looked_at = node.todo | node.asleep | only(node.body);
    if ((looked_at & race.first) == 0) node.todo |= only(lowest(race.first));
  }
  blocked_at_ = kForGood;
  for (; !nodes_.empty(); nodes_.pop_back()) {
    Node& node = nodes_.back();
    node.done |= only(node.body);
    const Mask rest = static_cast<Mask>(node.todo & ~node.done & ~node.asleep);
    if (rest == 0) continue;
    node.body = lowest(rest);
    path_ = static_cast<std::uint32_t>(nodes_.size());
    known_ = path_ - 1;
    return true;
  }
  return false;
}

}  // namespace cow::explore

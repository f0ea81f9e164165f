#include "explore/bounded.h"

namespace cow::explore {

Choice Bounded::choose(const Course& course) {
  if (course.count < path_) return along_the_path(course.count);
  const unsigned body = course.go_on(course.enabled);
  const Mask others = static_cast<Mask>(course.enabled & ~only(body));
  const bool preempting = body == course.last();
  nodes_.push_back({body, course.last(), others, spent(), preempting});
  return {body, course.count + 1};
}

Choice Bounded::along_the_path(std::uint32_t at) const {
  const unsigned body = nodes_[at].body;
  while (at < path_ && nodes_[at].body == body) ++at;
  return {body, at};
}

unsigned Bounded::spent() const {
  if (nodes_.empty()) return 0;
  const Node& last = nodes_.back();
  return last.spent + (last.preempting && last.body != last.before ? 1 : 0);
}

bool Bounded::next(const Course& course) {
  if (course.count < path_) throw Unrepeatable();
  for (; !nodes_.empty(); nodes_.pop_back()) {
    Node& node = nodes_.back();
    if (node.rest == 0) continue;
    if (node.preempting && node.spent == bound_) {
      cut_ = true;
      continue;
    }
    node.body = lowest(node.rest);
    node.rest = without_lowest(node.rest);
    path_ = static_cast<std::uint32_t>(nodes_.size());
    return true;
  }
  path_ = 0;
  if (!cut_ || bound_ == most_) return false;
  cut_ = false;
  ++bound_;
  return true;
}

}  // namespace cow::explore

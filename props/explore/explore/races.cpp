#include "explore/races.h"

#include <algorithm>
#include <utility>

namespace cow::explore {

const std::vector<Reversal>& Races::find(const Course& course, std::uint32_t count,
                                         std::uint32_t known) {
  course_ = &course;
  ++search_;
  used_ = 0;
  found_.clear();
  now_.fill(Clock{});
  if (clocks_.size() < count) clocks_.resize(std::size_t{2} * count);
  auto release = course.releases.begin();
  for (std::uint32_t i = 0; i < count; ++i) {
    for (; release != course.releases.end() && release->after <= i; ++release) give_back(*release);
    order(i, i < known);
  }
  // Whoever waits for a lock at the end would have liked to be before the one that holds it.
  if (count == course.count)
    for (Mask rest = course.stuck; rest != 0; rest = without_lowest(rest)) {
      const Point& pending = course.pending[lowest(rest)];
      look_for_races(place(pending.address), pending, lowest(rest), count);
    }
  return found_;
}

void Races::join(Clock& to, const Clock& from) {
  for (unsigned i = 0; i < kBodies; ++i) to[i] = to[i] < from[i] ? from[i] : to[i];
}

Races::Place& Races::place(const void* address) {
  if (2 * used_ >= places_.size()) grow();
  const auto number = reinterpret_cast<std::uintptr_t>(address);
  std::size_t at = (number * 0x9e3779b97f4a7c15) >> 32;
  for (;; ++at) {
    Place& here = places_[at & (places_.size() - 1)];
    if (here.search != search_) {
      ++used_;
      here.search = search_;
      here.address = address;
      here.write = kNone;
      here.readers = 0;
      here.released = here.released_shared = Clock{};
      return here;
    }
    if (here.address == address) return here;
  }
}

void Races::grow() {
  const std::vector<Place> old =
      std::exchange(places_, std::vector<Place>(std::max<std::size_t>(64, 2 * places_.size())));
  used_ = 0;
  for (const Place& one : old)
    if (one.search == search_) place(one.address) = one;
}

void Races::give_back(const Release& release) {
  Place& lock = place(release.address);
  join(release.shared ? lock.released_shared : lock.released, now_[release.body]);
}

// The path that the execution shares with the one before has the clocks that it had then.
void Races::order(std::uint32_t index, bool known) {
  const Taken& taken = course_->taken[index];
  Place& here = place(taken.address);
  if (!known) {
    look_for_races(here, taken, taken.body, index);
    clocks_[index] = clock_of(here, taken);
  }
  now_[taken.body] = clocks_[index];
  if (writes(taken.kind)) {
    here.write = index;
    here.readers = 0;
  } else if (taken.kind != Kind::drain) {
    here.readers |= only(taken.body);
    here.reads[taken.body] = index;
  }
}

Races::Clock Races::clock_of(const Place& here, const Taken& taken) const {
  Clock clock = now_[taken.body];
  if (taken.kind == Kind::drain) {
    join(clock, here.released_shared);
  } else {
    if (waits(taken.kind)) join(clock, here.released);
    if (here.write != kNone) join(clock, clocks_[here.write]);
    if (writes(taken.kind))
      for (Mask rest = here.readers; rest != 0; rest = without_lowest(rest))
        join(clock, clocks_[here.reads[lowest(rest)]]);
  }
  // Written as a whole, as it is read: a part that has just been stored would have to be waited
  // for.
  for (unsigned i = 0; i < kBodies; ++i) clock[i] += i == taken.body ? 1 : 0;
  return clock;
}

bool Races::is_before(std::uint32_t index, const Clock& clock) const {
  const unsigned body = course_->taken[index].body;
  return clocks_[index][body] <= clock[body];
}

// The latest first: what is ordered before that one too is not a race of its own.
void Races::look_for_races(const Place& here, const Point& second, unsigned body,
                           std::uint32_t index) {
  if (second.kind == Kind::drain) return;
  Clock clock = now_[body];
  const auto against = [&](std::uint32_t first) {
    if (is_before(first, clock)) return;
    found_.push_back(reversal(here, first, second, body, index));
    join(clock, clocks_[first]);
  };
  if (writes(second.kind))
    for (Mask rest = here.readers; rest != 0;) {
      unsigned latest = lowest(rest);
      for (Mask more = rest; more != 0; more = without_lowest(more))
        if (here.reads[lowest(more)] > here.reads[latest]) latest = lowest(more);
      rest = static_cast<Mask>(rest & ~only(latest));
      against(here.reads[latest]);
    }
  if (here.write != kNone) against(here.write);
}

Reversal Races::reversal(const Place& here, std::uint32_t at, const Point& second, unsigned body,
                         std::uint32_t index) const {
  // The first point of each body among those that go before `second`. The others follow from these:
  // if one of a body's points is ordered after `at`, so are all that come later.
  std::array<std::uint32_t, kBodies> firsts;
  Mask seen = only(course_->taken[at].body);
  Mask in = 0;
  const Mask all = static_cast<Mask>((1u << course_->bodies) - 1);
  for (std::uint32_t i = at + 1; i < index && seen != all; ++i) {
    const unsigned one = course_->taken[i].body;
    if (has(seen, one)) continue;
    seen |= only(one);
    if (is_before(at, clocks_[i])) continue;
    in |= only(one);
    firsts[one] = i;
  }
  // Of these, the ones that none of the others is ordered before.
  Mask first = 0;
  for (Mask rest = in; rest != 0; rest = without_lowest(rest)) {
    const unsigned one = lowest(rest);
    bool can = true;
    for (Mask others = in & ~only(one); others != 0; others = without_lowest(others))
      can = can && !is_before(firsts[lowest(others)], clocks_[firsts[one]]);
    if (can) first |= only(one);
  }
  // `second` itself, if it is its body's first, and no reader of the place goes before it.
  if (!has(in, body)) {
    bool can = true;
    if (writes(second.kind))
      for (Mask rest = here.readers; rest != 0; rest = without_lowest(rest)) {
        const std::uint32_t read = here.reads[lowest(rest)];
        can = can && (read <= at || is_before(at, clocks_[read]));
      }
    if (can) first |= only(body);
  }
  return {at, first};
}

}  // namespace cow::explore

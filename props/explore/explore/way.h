// A way to explore: says who takes the next point, and what to try in the next execution.
#pragma once

#include <cstdint>
#include <limits>
#include <stdexcept>

#include "explore/course.h"

namespace cow::explore {

inline constexpr std::uint32_t kForGood = std::numeric_limits<std::uint32_t>::max();

// Bodies that do not do the same when they are run again cannot be explored.
struct Unrepeatable : std::logic_error {
  Unrepeatable() : logic_error("the bodies do not do the same when they are run again") {}
};

struct Choice {
  unsigned body;
  std::uint32_t until;  // it goes on, if it can, until so many points are taken
};

class Way {
 public:
  Way() = default;
  Way(const Way&) = delete;
  Way& operator=(const Way&) = delete;
  virtual ~Way() = default;

  // Asked when somebody is enabled.
  virtual Choice choose(const Course& course) = 0;
  // Is the execution that ran to its end a new one?
  virtual bool is_new(const Course&) const { return true; }
  // Makes ready for the next; false where there is none.
  virtual bool next(const Course& course) = 0;
  // After next said false: were these all, up to equivalence?
  virtual bool complete() const { return false; }
  // Could the schedule that was given not be followed?
  virtual bool strayed() const { return false; }
};

}  // namespace cow::explore

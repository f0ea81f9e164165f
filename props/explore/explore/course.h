// The course of one execution: the points taken so far, the locks given back, and who may go on.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "explore/point.h"

namespace cow::explore {

inline constexpr unsigned kBodies = 8;  // as many may run at once
using Mask = std::uint8_t;              // a set of bodies

constexpr Mask only(unsigned body) { return static_cast<Mask>(1u << body); }
constexpr bool has(Mask set, unsigned body) { return ((set >> body) & 1u) != 0; }
constexpr unsigned lowest(Mask set) { return static_cast<unsigned>(std::countr_zero(set)); }
constexpr Mask without_lowest(Mask set) { return static_cast<Mask>(set & (set - 1u)); }

struct Taken : Point {
  std::uint8_t body = 0;
};

// Giving back a lock is no choice: it disables nobody, so it may as well follow at once.
struct Release {
  const void* address;
  std::uint32_t after;  // so many points were taken before
  std::uint8_t body;
  bool shared;
};

struct Course {
  std::uint32_t count = 0;  // points taken
  std::unique_ptr<Taken[]> taken;
  std::vector<Release> releases;
  std::array<Point, kBodies> pending{};  // of each body that is alive, announced and not yet taken
  unsigned bodies = 0;
  Mask alive = 0;    // not yet finished
  Mask stuck = 0;    // at the end: who waited, when nobody could go on
  Mask enabled = 0;  // of these, who may take the pending point; as of the last choice

  unsigned last() const { return count == 0 ? kBodies : taken[count - 1].body; }
  // Who runs goes on; if it cannot, the one of the lowest number among those given.
  unsigned go_on(Mask among) const {
    return count != 0 && has(among, last()) ? last() : lowest(among);
  }
};

}  // namespace cow::explore

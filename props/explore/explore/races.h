// Which points of an execution could have been taken in the other order, and who would have to go
// first for that.
//
// Points are ordered by their bodies, by dependence, and by locks given back and taken. A race is a
// pair of dependent points of two bodies that nothing else orders. To reverse it at the point
// `at`, those of its followers that are not ordered after it go first, then the second of the pair;
// any body that can be the first of these will do: the source sets of Abdulla, Aronsson, Jonsson
// and Sagonas (Optimal dynamic partial order reduction, POPL 2014), here with locks.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "explore/course.h"

namespace cow::explore {

struct Reversal {
  std::uint32_t at;  // the first of the pair
  Mask first;
};

class Races {
 public:
  // The races in the first `count` points whose second is not among the first `known`; these are as
  // they were in the course before.
  const std::vector<Reversal>& find(const Course& course, std::uint32_t count, std::uint32_t known);

 private:
  // How many points of each body are ordered before, itself included.
  using Clock = std::array<std::int32_t, kBodies>;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Place {
    std::uint64_t search = 0;  // the one that what follows is of
    const void* address = nullptr;
    std::uint32_t write = kNone;
    Mask readers = 0;  // since the write
    std::array<std::uint32_t, kBodies> reads;
    Clock released;         // a lock: by writers
    Clock released_shared;  // … and by readers
  };

  static void join(Clock& to, const Clock& from);
  Place& place(const void* address);
  void grow();
  void give_back(const Release& release);
  void order(std::uint32_t index, bool known);
  Clock clock_of(const Place& here, const Taken& taken) const;
  void look_for_races(const Place& here, const Point& second, unsigned body, std::uint32_t index);
  bool is_before(std::uint32_t index, const Clock& clock) const;
  Reversal reversal(const Place& here, std::uint32_t at, const Point& second, unsigned body,
                    std::uint32_t index) const;

  const Course* course_ = nullptr;
  std::vector<Clock> clocks_;       // of each point
  std::array<Clock, kBodies> now_;  // of each body
  std::vector<Place> places_;       // open addressing; of a size that is a power of two
  std::size_t used_ = 0;
  std::uint64_t search_ = 0;
  std::vector<Reversal> found_;
};

}  // namespace cow::explore

// Two states with one key go on alike: the specification, its threads, the ideal machine and the
// judge, with frames and objects numbered as they are met.
#pragma once

#include <cstdint>
#include <vector>

#include "judge/threads.h"
#include "par/result.h"

namespace cow::par {

struct Key {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  std::size_t operator()(const Key& k) const { return k.high; }
};

// Of the words, by two functions.
[[nodiscard]] Key key_of(const std::vector<std::uint32_t>& words);

void put_state(const spec::SpecificationOfThreads& machine, const judge::ThreadsJudge& judge,
               const Places& places, std::vector<std::uint32_t>& out);
void put_outcomes(const Outcomes& outcomes, std::vector<std::uint32_t>& out);

}  // namespace cow::par

// Every execution that the specification allows for columns of steps that run at once: all orders
// of their events, each state visited once.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "judge/threads.h"
#include "par/places.h"
#include "par/result.h"

namespace cow::par {

// The specification between two items of a trace, with its judge.
struct World {
  World(const Setup& setup, const Rules& rules) : machine(setup, rules), judge(setup) {}
  spec::SpecificationOfThreads machine;
  judge::ThreadsJudge judge;
};

using Columns = std::vector<std::vector<Step>>;

// A verdict or a disagreement, and the step at which it was first seen.
struct Remark {
  std::size_t column, step;
  judge::Verdict verdict;            // none: then it is the disagreement
  judge::Disagreement disagreement;  // else without text
};

class Orders {
 public:
  // More states than this are not visited: see complete().
  static constexpr std::size_t kMostStates = 2'000'000;

  Orders(const World& start, const Columns& columns, const Places& places);

  // The different states at the end of all executions; several may look alike (young bits, …).
  struct Final {
    End end;
    World world;
  };
  [[nodiscard]] const std::vector<Final>& finals() const { return finals_; }
  // The final of an execution that came to this end; null: the specification has none.
  [[nodiscard]] const Final* find(const End& end) const;
  [[nodiscard]] bool explains(const End& end) const { return find(end) != nullptr; }

  [[nodiscard]] const std::vector<Remark>& remarks() const { return remarks_; }
  [[nodiscard]] std::size_t states() const { return states_; }
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  class Walk;
  std::vector<Final> finals_;
  std::unordered_multimap<std::uint64_t, std::size_t> by_hash_;
  std::vector<Remark> remarks_;
  std::size_t states_ = 0;
  bool complete_ = true;
};

}  // namespace cow::par

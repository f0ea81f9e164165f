// A measurement and its limit, taken by turns in one process, so that what disturbs one disturbs
// the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cow::bench {

class Pair {
 public:
  Pair() = default;
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  virtual ~Pair() = default;
  virtual void prepare() {}   // before each repetition, untimed: both sides' memory is left alike
  virtual double ours() = 0;  // seconds, or another amount
  virtual double limit() = 0;
  virtual void clean() {}  // after each repetition, untimed
};

struct Spread {
  double low = 0, median = 0, high = 0;  // quartiles
};

inline Spread spread_of(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  const auto at = [&](double part) {
    const double place = part * static_cast<double>(samples.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, samples.size() - 1);
    return samples[below] +
           (place - static_cast<double>(below)) * (samples[above] - samples[below]);
  };
  return {at(0.25), at(0.5), at(0.75)};
}

// Whoever comes second finds the caches as the first left them, so they take turns at that too.
class Repetitions {
 public:
  explicit Repetitions(Pair& pair) : pair_(pair) {
    take();  // the first one meets memory that nobody has touched
    ours_.clear();
    limit_.clear();
  }

  // Returns ours.
  double take() {
    pair_.prepare();
    double ours = 0, limit = 0;
    if (ours_.size() % 2 == 0) {
      ours = pair_.ours();
      limit = pair_.limit();
    } else {
      limit = pair_.limit();
      ours = pair_.ours();
    }
    pair_.clean();
    ours_.push_back(ours);
    limit_.push_back(limit);
    return ours;
  }

  Spread ours() const { return spread_of(ours_); }
  Spread limit() const { return spread_of(limit_); }
  // Of each repetition by itself: ours / limit.
  Spread ratio() const {
    std::vector<double> each;
    for (std::size_t i = 0; i < ours_.size(); ++i) each.push_back(ours_[i] / limit_[i]);
    return spread_of(each);
  }

 private:
  Pair& pair_;
  std::vector<double> ours_, limit_;
};

}  // namespace cow::bench

// The milliseconds that a proof took, for its row of the table.
#pragma once

#include <chrono>

namespace cow::prove {

class Clock {
 public:
  [[nodiscard]] double milliseconds() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace cow::prove

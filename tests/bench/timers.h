// Two clocks. What one thread does is timed by the processor time that it took, because others run
// on the same cores; what is too short for that clock's call, or done by several threads, by the
// time that passed.
#pragma once

#include <time.h>

namespace cow::bench {

template <clockid_t Clock> class Timer {
 public:
  double seconds() const { return now() - start_; }

 private:
  static double now() {
    timespec t{};
    clock_gettime(Clock, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
  double start_ = now();
};

using CpuTimer = Timer<CLOCK_THREAD_CPUTIME_ID>;
using WallTimer = Timer<CLOCK_MONOTONIC>;

template <class Clock = CpuTimer> double timed(auto work) {
  const Clock timer;
  work();
  return timer.seconds();
}

}  // namespace cow::bench

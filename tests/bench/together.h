// Work done by one thread or by two at once, and how long that took from the first start to the
// last end.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <functional>
#include <thread>

#include "timers.h"

namespace cow::bench {

// Gives this thread a core of its own, where there are two: left alone, the scheduler needs longer
// than a measurement to part two threads that began on one.
inline void take_core(unsigned which) {
  cpu_set_t all, one;
  if (sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) < 2) return;
  int cpu = 0;
  for (unsigned seen = 0;; ++cpu)
    if (CPU_ISSET(cpu, &all) && seen++ == which) break;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  pthread_setaffinity_np(pthread_self(), sizeof one, &one);
}

// Both threads are there before the clock starts. part(i) is called for parts 0 and 1.
inline double two_at_once(const std::function<void(unsigned)>& part) {
  std::atomic<unsigned> ready{0};
  std::atomic<bool> go{false};
  const auto body = [&](unsigned i) {
    take_core(i);
    ready.fetch_add(1);
    while (!go.load()) __builtin_ia32_pause();
    part(i);
  };
  std::array<std::thread, 2> threads{std::thread(body, 0), std::thread(body, 1)};
  while (ready.load() != threads.size()) std::this_thread::yield();
  const WallTimer timer;
  go.store(true);
  for (std::thread& thread : threads) thread.join();
  return timer.seconds();
}

// The same parts, one after the other, in one thread of its own.
inline double one_after_the_other(const std::function<void(unsigned)>& part) {
  std::atomic<bool> ready{false}, go{false};
  std::thread thread([&] {
    ready.store(true);
    while (!go.load()) __builtin_ia32_pause();
    part(0);
    part(1);
  });
  while (!ready.load()) std::this_thread::yield();
  const WallTimer timer;
  go.store(true);
  thread.join();
  return timer.seconds();
}

}  // namespace cow::bench

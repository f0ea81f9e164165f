// Calls that need nothing of each other, on as many threads as the machine runs at once; the
// results in the order of the calls.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <future>
#include <vector>

namespace cow::prove {

// Throws what one of the calls that failed has thrown, after all threads have ended.
template <class Result>
std::vector<Result> in_order(const std::vector<std::function<Result()>>& calls, std::size_t most) {
  std::vector<Result> results(calls.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < calls.size(); i = next++) results[i] = calls[i]();
  };
  std::vector<std::future<void>> threads;
  for (std::size_t i = 0; i < std::min(most, calls.size()); ++i)
    threads.push_back(std::async(std::launch::async, work));
  for (std::future<void>& thread : threads) thread.wait();
  for (std::future<void>& thread : threads) thread.get();
  return results;
}

}  // namespace cow::prove

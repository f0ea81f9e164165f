// The order in which pages are met, and how many pages a size has.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

namespace cow::bench {

inline constexpr std::size_t kPage = 4096;
inline constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

using Order = std::vector<std::uint32_t>;

inline Order in_sequence(std::uint32_t pages) {
  Order order(pages);
  std::iota(order.begin(), order.end(), 0u);
  return order;
}

// The same one each time, so that runs can be compared.
inline Order shuffled(std::uint32_t pages) {
  Order order = in_sequence(pages);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
  return order;
}

enum class Pages : std::uint8_t { in_sequence, shuffled };

inline Order order_of(Pages pages, std::uint32_t n) {
  return pages == Pages::in_sequence ? in_sequence(n) : shuffled(n);
}

}  // namespace cow::bench

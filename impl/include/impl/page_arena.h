// Memory for 4 KiB pages, in runs that double: a machine of a few pages touches a few pages, and
// one of gigabytes makes few calls. Pages never move.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace cow::impl {

inline constexpr std::size_t kPageBytes = 4096;

class PageArena {
 public:
  static constexpr unsigned kGranuleShift = 6;
  static constexpr std::uint32_t kGranule = 1u << kGranuleShift;  // pages

  // Uninitialised until its first use. REQUIRES: page < capacity().
  std::uint8_t* at(std::uint32_t page) const {
    return granules_[page >> kGranuleShift] + (std::size_t{page % kGranule} * kPageBytes);
  }
  std::uint32_t capacity() const {
    return static_cast<std::uint32_t>(granules_.size()) << kGranuleShift;
  }

  // Adds a run as long as everything before it, up to 64 MiB; false where the host has no memory.
  bool grow() {
    constexpr std::size_t kLongestRun = 256;
    const std::size_t have = granules_.size();
    const std::size_t more = have == 0 ? 1 : have < kLongestRun ? have : kLongestRun;
    const std::size_t bytes = more * kGranule * kPageBytes;
    Run run{static_cast<std::uint8_t*>(std::aligned_alloc(kPageBytes, bytes))};
    if (!run) return false;
    try {
      granules_.reserve(have + more);
      runs_.push_back(std::move(run));
    } catch (const std::bad_alloc&) {
      return false;
    }
    for (std::size_t i = 0; i < more; ++i)
      granules_.push_back(runs_.back().get() + i * kGranule * kPageBytes);
    return true;
  }

 private:
  struct Free {
    void operator()(std::uint8_t* p) const { std::free(p); }
  };
  using Run = std::unique_ptr<std::uint8_t, Free>;

  std::vector<std::uint8_t*> granules_;
  std::vector<Run> runs_;
};

}  // namespace cow::impl

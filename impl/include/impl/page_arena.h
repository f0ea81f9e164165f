// Memory for 4 KiB pages, in runs that double: a machine of a few pages touches a few pages, and
// one of gigabytes makes few calls. Pages never move.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
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
    try {
      granules_.reserve(have + more);
      runs_.reserve(runs_.size() + 1);
    } catch (const std::bad_alloc&) {
      return false;
    }
    Run run{more == 1 ? take_spare() : allocate(more)};
    if (!run) return false;
    run.get_deleter().granules = more;
    for (std::size_t i = 0; i < more; ++i)
      granules_.push_back(run.get() + i * kGranule * kPageBytes);
    runs_.push_back(std::move(run));
    return true;
  }

 private:
  // Granules that no arena has, for all threads. Constant at start and never destroyed, so that
  // machines of any lifetime may use it.
  using Spares = std::array<std::atomic<std::uint8_t*>, 16>;
  static inline constinit Spares spares_{};

  static std::uint8_t* allocate(std::size_t granules) {
    return static_cast<std::uint8_t*>(
        std::aligned_alloc(kPageBytes, granules * kGranule * kPageBytes));
  }
  static std::uint8_t* take_spare() {
    for (auto& slot : spares_) {
      if (slot.load(std::memory_order_relaxed) == nullptr) continue;
      if (std::uint8_t* p = slot.exchange(nullptr, std::memory_order_acquire)) return p;
    }
    return allocate(1);
  }

  struct GiveBack {
    std::size_t granules = 0;
    void operator()(std::uint8_t* p) const {
      if (granules == 1)
        for (auto& slot : spares_) {
          std::uint8_t* empty = nullptr;
          if (slot.compare_exchange_strong(empty, p, std::memory_order_release)) return;
        }
      std::free(p);
    }
  };
  using Run = std::unique_ptr<std::uint8_t, GiveBack>;

  std::vector<std::uint8_t*> granules_;
  std::vector<Run> runs_;
};

}  // namespace cow::impl

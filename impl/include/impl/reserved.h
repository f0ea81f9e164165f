// An array that never moves: address space for as many elements as there may ever be, memory for
// those that are touched. Fresh memory is zero.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace cow::impl {

inline constexpr std::size_t kPageBytes = 4096;

template <class T> class Reserved {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  Reserved() = default;
  // As much of `most` as the host lets a process reserve, a half at a time; capacity() says how
  // much. Nothing is had at all: 0.
  explicit Reserved(std::size_t most) {
    for (; most > 0 && data_ == nullptr; most /= 2) {
      void* at = ::mmap(nullptr, most * sizeof(T), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (at == MAP_FAILED) continue;
      data_ = static_cast<T*>(at);
      capacity_ = most;
    }
  }
  Reserved(Reserved&& other) noexcept { *this = std::move(other); }
  Reserved& operator=(Reserved&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~Reserved() {
    if (data_ != nullptr) ::munmap(data_, capacity_ * sizeof(T));
  }

  std::size_t capacity() const { return capacity_; }
  // REQUIRES: i < capacity(). An element is not initialised but zero before its first use.
  T& operator[](std::size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace cow::impl

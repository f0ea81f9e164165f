// A list that grows while others look at it: elements never move. Chunk k holds 2^k elements.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace cow::impl {

template <class Sync, class T> class Stable {
 public:
  std::size_t size() const { return Sync::load(size_); }
  T& operator[](std::size_t i) const {
    const std::size_t chunk = std::bit_width(i + 1) - 1;
    return chunks_[chunk][i + 1 - (std::size_t{1} << chunk)];
  }
  T* find(std::size_t i) const { return i < size() ? &(*this)[i] : nullptr; }

  // Makes room for elements 0 .. n-1, new ones value-initialised; false where the host has no
  // memory. REQUIRES: one caller at a time.
  bool grow(std::size_t n) {
    while (size_ < n) {
      const std::size_t chunk = std::bit_width(size_ + 1) - 1;
      if (chunk >= kChunks) return false;
      if (chunks_[chunk] == nullptr)
        chunks_[chunk].reset(new (std::nothrow) T[std::size_t{1} << chunk]());
      if (chunks_[chunk] == nullptr) return false;
      Sync::store(size_, (std::size_t{2} << chunk) - 1);
    }
    return true;
  }

 private:
  static constexpr std::size_t kChunks = 24;
  std::array<std::unique_ptr<T[]>, kChunks> chunks_;
  std::size_t size_ = 0;
};

}  // namespace cow::impl

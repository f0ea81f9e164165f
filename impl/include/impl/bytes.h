// The bytes of a page, read and copied while others may write some of them: which of the two a byte
// is then, nobody says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "impl/reserved.h"

namespace cow::impl {

inline std::uint8_t load_byte(const std::uint8_t& at) {
  return __atomic_load_n(&at, __ATOMIC_RELAXED);
}
inline void store_byte(std::uint8_t& at, std::uint8_t value) {
  __atomic_store_n(&at, value, __ATOMIC_RELAXED);
}

// To a data-race detector each word is an atomic access; else it is as fast as memory.
inline void copy_bytes(std::uint8_t* to, const std::uint8_t* from) {
#ifdef __SANITIZE_THREAD__
  for (std::size_t i = 0; i < kPageBytes; ++i)
    __atomic_store_n(to + i, __atomic_load_n(from + i, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
#else
  std::memcpy(to, from, kPageBytes);
#endif
}

}  // namespace cow::impl

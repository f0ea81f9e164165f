// Data pages: 4096 real bytes each, packed counts, flags, a free list.
//
// Units: a frame number is 32 bits, frame 0 is the zero page. Counts are exact to 2^32 - 1
// mappings; the refcount half of the word refuses new references from 2^31 on, as Linux's
// try_get_page does. Invariant: a free frame has kind none and its counts word links to the next
// free one.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

#include "cow/ids.h"
#include "cow/view.h"
#include "impl/decisions.h"
#include "impl/page_arena.h"

namespace cow::impl {

inline constexpr FrameNo kZeroPage = 0;
inline constexpr FrameNo kNoPage = 0;  // "no frame" where a data page is meant
// Entries that a walk looks ahead: the counts of shuffled frames miss the cache.
inline constexpr unsigned kPrefetchAhead = 12;
inline constexpr std::size_t kCellStride = kPageBytes / kCells;

class Frames {
 public:
  // Throws std::bad_alloc if not even the zero page can be had.
  void reset(std::uint32_t limit) {
    limit_ = limit;
    fail_in_ = 0;
    live_ = 0;
    free_ = kNoPage;
    next_ = kZeroPage + 1;
    allocated_ = {};
    if (arena_.capacity() == 0 && !grow()) throw std::bad_alloc();
    std::memset(bytes(kZeroPage), 0, kPageBytes);
    counts_[kZeroPage] = 0;
    flags_[kZeroPage] = static_cast<PageFlags>(Kind::zero);
    pins_[kZeroPage] = 0;
  }

  void fail_at(std::uint32_t nth) { fail_in_ = nth; }  // 0 takes it back

  // A page without references, its bytes unset; kNoPage where none is to be had.
  FrameNo alloc(Kind kind) {
    if (fail_in_ != 0 && --fail_in_ == 0) return kNoPage;
    if (live_ >= limit_) return kNoPage;
    FrameNo f = free_;
    if (f != kNoPage) {
      free_ = static_cast<FrameNo>(counts_[f]);
    } else {
      if (next_ == arena_.capacity() && !grow()) return kNoPage;
      f = next_++;
    }
    counts_[f] = 0;
    pins_[f] = 0;
    flags_[f] = static_cast<PageFlags>(kind);
    ++live_;
    ++allocated_[flags_[f]];
    return f;
  }

  void free(FrameNo f) {
    assert(f != kZeroPage);
    assert(kind(f) != Kind::none);
    --live_;
    --allocated_[flags_[f] & kKindMask];
    flags_[f] = static_cast<PageFlags>(Kind::none);
    counts_[f] = free_;
    free_ = f;
  }

  // The counts, raw: a fork adds one mapping with one addition.
  PageCounts& counts(FrameNo f) { return counts_[f]; }
  PageCounts counts(FrameNo f) const { return counts_[f]; }
  PageFlags flags(FrameNo f) const { return flags_[f]; }
  std::uint32_t& pins(FrameNo f) { return pins_[f]; }
  std::uint32_t pins(FrameNo f) const { return pins_[f]; }

  Kind kind(FrameNo f) const { return static_cast<Kind>(flags_[f] & kKindMask); }
  void set_exclusive(FrameNo f) { flags_[f] |= kExclusive; }
  void clear_exclusive(FrameNo f) { flags_[f] &= static_cast<PageFlags>(~kExclusive); }
  void prefetch(FrameNo f) const {
    __builtin_prefetch(&counts_[f], 1);
    __builtin_prefetch(&flags_[f], 1);
  }

  std::uint8_t* bytes(FrameNo f) const { return arena_.at(f); }
  std::uint8_t& cell(FrameNo f, unsigned cell) const { return bytes(f)[cell * kCellStride]; }

  bool known(FrameNo f) const { return f < next_; }  // ever allocated since reset
  FrameNo end() const { return next_; }
  std::uint32_t live() const { return live_; }
  std::uint32_t allocated(Kind k) const { return allocated_[static_cast<std::size_t>(k)]; }

 private:
  bool grow() {
    try {
      const std::size_t later = arena_.capacity() + std::size_t{64} + arena_.capacity();
      counts_.reserve(later);
      flags_.reserve(later);
      pins_.reserve(later);
      if (!arena_.grow()) return false;
      counts_.resize(arena_.capacity());
      flags_.resize(arena_.capacity());
      pins_.resize(arena_.capacity());
    } catch (const std::bad_alloc&) {
      return false;
    }
    return true;
  }

  PageArena arena_;
  std::vector<PageCounts> counts_;
  std::vector<PageFlags> flags_;
  std::vector<std::uint32_t> pins_;  // cold: the refcount holds them too, 1024 each
  std::uint32_t limit_ = kEnoughFrames;
  std::uint32_t fail_in_ = 0;
  std::uint32_t live_ = 0;
  FrameNo free_ = kNoPage;
  FrameNo next_ = 0;
  std::array<std::uint32_t, 8> allocated_{};  // by kind
};

}  // namespace cow::impl

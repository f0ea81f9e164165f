// A point: the next thing a body does to memory that others may touch, announced before it is done.
#pragma once

#include <cstdint>

namespace cow::explore {

// Bit 0: writes. Bit 1: may have to wait, for what the byte at the address says.
enum class Kind : std::uint8_t { read = 0, write = 1, read_lock = 2, write_lock = 3, drain = 6 };

constexpr bool writes(Kind kind) { return (static_cast<unsigned>(kind) & 1) != 0; }
constexpr bool waits(Kind kind) { return (static_cast<unsigned>(kind) & 2) != 0; }

struct Point {
  const void* address = nullptr;
  Kind kind = Kind::read;
};

// Two points that are not dependent may be exchanged where they are neighbours, and nothing
// changes. A drain is nobody's neighbour in this sense: it only waits for readers that cannot come
// again.
constexpr bool dependent(const Point& a, const Point& b) {
  return a.address == b.address && (writes(a.kind) || writes(b.kind));
}

// The state of a lock is one byte: whether there is a writer, and how many read.
inline constexpr std::uint8_t kWriting = 0x80;
inline constexpr std::uint8_t kReaders = 0x7f;

// May the body go on? A writer first shuts the door, to readers and writers, and then drains; so
// a reader that comes again behind a waiting writer waits for ever, as with impl::Threads.
inline bool may_go(const Point& point) {
  if (!waits(point.kind)) return true;
  const std::uint8_t state = *static_cast<const std::uint8_t*>(point.address);
  return (state & (point.kind == Kind::drain ? kReaders : kWriting)) == 0;
}

}  // namespace cow::explore

// How much of the kernel's memory can be seen: probed, never assumed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cow/view.h"
#include "kernel/events.h"

namespace cow::kernel {

// Each level has what the one before it has.
enum class Sight : std::uint8_t {
  contents,  // values, signals, and whether an access faulted: any Linux
  bits,      // of /proc/PID/pagemap: present, file or shared memory, mapped once
  frames,    // frame numbers, /proc/kpagecount, /proc/kpageflags: root
  events,    // tracepoints of page faults and allocations: root, and only if asked for
};
inline constexpr std::string_view kSightWords[] = {"contents", "bits", "frames", "events"};
constexpr bool sees_frames(Sight sight) { return sight >= Sight::frames; }

// What a level leaves uncompared, as a person reads it; empty: nothing that the others have.
std::string_view not_compared(Sight sight);

// The highest level here that changes nothing, and why there is no higher one (empty at `frames`).
struct Probed {
  Sight sight;
  std::string why;
};
Probed probe_sight();

// One entry of a page table, as far as it is seen.
struct Entry {
  bool present = false;
  bool file = false;  // the page cache's or shared memory's
  bool sole = false;  // mapped once
  std::uint64_t frame = 0;
};

enum class PageFlag : std::uint8_t { anon = 12, swap_backed = 14, zero = 24 };

// The files of /proc that show it.
class Window {
 public:
  explicit Window(Sight sight);  // throws NoTracing at `events`
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  ~Window();

  [[nodiscard]] Sight sight() const { return sight_; }
  // A descriptor to look with; -1 where nothing can be seen.
  [[nodiscard]] int open_pagemap(pid_t pid) const;
  // Entries of `count` pages from an address on; false: the process is gone.
  [[nodiscard]] bool look(int pagemap, std::uint64_t address, std::size_t count,
                          std::vector<Entry>& out);
  // Null below `events`.
  [[nodiscard]] Events* events() const { return events_.get(); }
  // Of a frame. REQUIRES: sees_frames(sight()).
  [[nodiscard]] std::uint64_t mapcount(std::uint64_t frame) const;
  [[nodiscard]] std::uint64_t flags(std::uint64_t frame) const;

 private:
  Sight sight_;
  int counts_ = -1, flags_ = -1;
  std::vector<std::uint64_t> raw_;
  std::unique_ptr<Events> events_;
};

constexpr bool has(std::uint64_t flags, PageFlag flag) {
  return (flags >> static_cast<unsigned>(flag) & 1u) != 0;
}
// Of a frame that an entry maps, by the flags of /proc/kpageflags.
Kind kind_of(std::uint64_t flags);

}  // namespace cow::kernel

// What each machine shows of itself, so that it can be compared and judged. Looking changes
// nothing.
#pragma once

#include <array>
#include <cstdint>

#include "cow/ids.h"
#include "cow/step.h"

namespace cow {

enum class Kind : std::uint8_t { none, anon, file, shmem, zero, ksm };  // ksm: to count pages

// The mapping of a page: what VMA covers it.
enum class Mapped : std::uint8_t { nosuch, gone, yes };  // no such name or index; unmapped; mapped

struct PteView {
  Mapped mapped = Mapped::nosuch;
  Share share = Share::private_;  // where mapped
  bool present = false;           // the rest holds where present
  // huge: an upper entry maps it, with all of its huge page, and the entry is that one's.
  bool writable = false, dirty = false, young = false, huge = false;
  Frame frame = kNoFrame;
  bool swapped = false;         // not present: a swap entry; frame is then the swap cache's, if any
  std::uint32_t swapcount = 0;  // entries with its swap slot, or with that of the page it maps
  bool operator==(const PteView&) const = default;
};

struct PageView {
  Kind kind = Kind::none;               // of a KSM page: anon
  bool ksm = false, exclusive = false;  // exclusive: under rules that track it
  // Entries that map it, the zero page's is 0; FOLL_PIN references.
  std::uint32_t mapcount = 0, pins = 0;
  // Mappings + page cache + swap cache + gets and stray references + 1024 × pins; zero page: 0.
  std::uint64_t refcount = 0;
  std::array<std::uint8_t, kCells> cells{};
  bool operator==(const PageView&) const = default;
};

struct Rss {
  std::uint32_t anon = 0, file = 0, shmem = 0, swap = 0;  // entries of the process, by kind
  bool operator==(const Rss&) const = default;
};

// A machine M has, besides `M(const Setup&, const Rules&)` and `Result run(const Step&)`:
//   bool alive(Pid) const;            PteView pte(Slot) const;        std::uint32_t pages_in(Pid,
//   Region) const; PageView page(Frame) const;       Rss rss(Pid) const;             std::uint32_t
//   allocated(Kind) const; Frame frame_of(Ref) const;        kNoFrame where no such reference lives
// pages_in is the length of the region of that name, 0 where the process has no such name.

}  // namespace cow

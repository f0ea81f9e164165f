// The names that every machine shares: small typed numbers, so that a process is never a page.
#pragma once

#include <cstdint>

namespace cow {

// Dense indices, given by whoever makes the steps (a trace numbers its names in order of first
// use).
enum class Pid : std::uint32_t {};  // a process name; dead and not yet born ones included
// A region name; each process has its own region of that name.
enum class Region : std::uint32_t {};
enum class Ref : std::uint32_t {};   // the name of a GUP reference
enum class File : std::uint32_t {};  // a declared file

// A machine's own number for a page of memory. Two machines compare frames by equality only.
enum class Frame : std::uint32_t {};
inline constexpr Frame kNoFrame{0xffffffff};

// The place of one page: page `page` of region `region` of process `process`.
struct Slot {
  Pid process{};
  Region region{};
  std::uint32_t page = 0;  // 0 .. the region's pages - 1; at most 16,777,215
  bool operator==(const Slot&) const = default;
};

template <class Id> constexpr std::uint32_t index(Id id) { return static_cast<std::uint32_t>(id); }

inline constexpr std::uint32_t kCells = 4;  // observed bytes of a page, 1024 bytes apart
inline constexpr std::uint32_t kMaxPages = 16'777'216;  // pages of one region or file

}  // namespace cow

// A process's address space: its regions, their areas, the root of its page tables, its counters.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cow/step.h"
#include "cow/view.h"
#include "impl/page_cache.h"
#include "impl/page_tables.h"
#include "impl/vma.h"

namespace cow::impl {

inline constexpr Vpn kRegionAlign = Vpn{1} << 12;   // 16 MiB, in pages
inline constexpr Vpn kFirstRegion = kRegionAlign;   // page 0 stays unmapped
inline constexpr Vpn kAddressSpace = Vpn{1} << 35;  // the user half of 48 bits: 128 TiB, in pages

constexpr Vpn region_span(std::uint32_t pages) {
  return (pages + kRegionAlign - 1) / kRegionAlign * kRegionAlign;
}

// What a region name stands for in one process. A child inherits it, address included.
struct MappedRegion {
  Vpn base = 0;             // 0: no place in the address space
  Vpn span = 0;             // pages reserved there
  std::uint32_t pages = 0;  // length; 0: no such name
  std::uint32_t at = 0;     // the object's page that page 0 shows
  Backing backing = Backing::anon;
  Share share = Share::private_;
  ObjectNo object = 0;  // of a file, or of shared anonymous memory
  Areas areas;          // empty: all its pages are gone

  bool has_object() const { return backing == Backing::file || share == Share::shared; }
  Vpn vpn(std::uint32_t page) const { return base + page; }
};

using Counters = std::array<std::uint32_t, 8>;  // entries, by kind of their page

struct Mm {
  bool alive = false;
  bool has_pinned = false;  // MMF_HAS_PINNED
  TableNo root = 0;
  Vpn next_base = kFirstRegion;
  Counters rss{};
  std::vector<MappedRegion> regions;  // by Region
};

}  // namespace cow::impl

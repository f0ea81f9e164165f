// What a step holds in hand on its way, and what references are between steps.
#pragma once

#include <cstdint>

#include "cow/ids.h"
#include "impl/frames.h"
#include "impl/mm.h"

namespace cow::impl {

template <class Sync> struct NamedReference {  // of GUP
  typename Sync::Lock lock;                    // held by pin, unpin and an access
  bool live = false;
  bool pin = false;
  bool writable = false;
  bool dangling = false;  // a mutant freed the page below it
  FrameNo frame = kZeroPage;
};

struct Stray {
  Slot at;
  FrameNo frame;
};

template <class Mm> struct Target {
  Mm* mm = nullptr;
  MappedRegion* region = nullptr;
  Area* area = nullptr;
};

// One fault, as it goes down. Linux: struct vm_fault.
template <class Mm> struct Fault {
  Mm& mm;
  MappedRegion& region;
  Area& area;
  std::uint32_t page;
  bool write;
  bool unshare;
  unsigned cpu;
  Pte* pte = nullptr;
  Pte orig = 0;           // what the entry was when it was first looked at
  bool cow_done = false;  // VM_FAULT_WRITE

  Vpn vpn() const { return region.vpn(page); }
};

struct Reach {  // pages, and what of their tables is meant
  Vpn first, end;
  bool all;  // to own: those that it covers, too; to zap: those that are owned, too
  bool covers(Vpn from, Vpn to) const { return first <= from && to <= end; }
};

// What [first, end) of a region reaches of its tables. They are its own, because regions begin
// 16 MiB apart: its last page reaches as far as its last table does.
inline Reach reach_of(const MappedRegion& region, std::uint32_t first, std::uint32_t end,
                      bool all) {
  const Vpn last = end == region.pages ? region.base + region.span : region.vpn(end);
  return {region.vpn(first), last, all};
}
// The same for what is unmapped: with a region's last areas, all its tables go.
inline Reach unmap_reach(const MappedRegion& region, std::uint32_t first, std::uint32_t end) {
  const bool rest =
      any_mapped(region.areas, 0, first) || any_mapped(region.areas, end, region.pages);
  return rest ? reach_of(region, first, end, false) : reach_of(region, 0, region.pages, true);
}

}  // namespace cow::impl

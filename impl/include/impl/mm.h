// A process's address space: its regions, their areas, the root of its page tables, its counters.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cow/step.h"
#include "cow/view.h"
#include "impl/cpu.h"
#include "impl/page_cache.h"
#include "impl/page_tables.h"
#include "impl/stable.h"
#include "impl/table_census.h"
#include "impl/vma.h"

namespace cow::impl {

inline constexpr Vpn kRegionAlign = Vpn{1} << 12;   // 16 MiB, in pages
inline constexpr Vpn kFirstRegion = kRegionAlign;   // page 0 stays unmapped
inline constexpr Vpn kAddressSpace = Vpn{1} << 35;  // the user half of 48 bits: 128 TiB, in pages

inline constexpr std::uint32_t kMaxNames = 1u << 20;  // of processes, of regions, of references
// Mm::alive. Between: being made, or going.
inline constexpr std::uint8_t kDead = 0, kAlive = 1, kBetween = 2;

constexpr Vpn region_span(std::uint32_t pages) {
  return (pages + kRegionAlign - 1) / kRegionAlign * kRegionAlign;
}

// What a region name stands for in one process. A child inherits it, address included.
struct MappedRegion {
  Vpn base = 0;             // 0: no place in the address space
  Vpn span = 0;             // pages reserved there
  std::uint32_t pages = 0;  // length; 0: no such name
  std::uint64_t at = 0;     // the object's page that page 0 shows
  Backing backing = Backing::anon;
  Share share = Share::private_;
  ObjectNo object = 0;  // of a file, or of shared anonymous memory
  Areas areas;          // empty: all its pages are gone
  // Of hugetlb memory. owner: huge pages were set aside for it; lost: an owner has taken one from
  // it; reserved: by huge page, what is still set aside.
  bool owner = false, lost = false;
  std::vector<bool> reserved{};

  bool hugetlb() const { return !areas.empty() && vm_has(areas.front().flags, kVmHugeTlb); }
  bool has_object() const { return backing == Backing::file || share == Share::shared; }
  Vpn vpn(std::uint32_t page) const { return base + page; }
};

// Where tables are shared, what a process maps is counted by whoever asks.
template <class Sync, bool counts_rss> struct Mm {
  // Each CPU counts on a cache line of its own, less what other CPUs took away.
  static constexpr unsigned kCounters = Sync::kConcurrent ? 8 : 1;
  struct alignas(64) CpuCounters {
    Counters rss{};
  };

  typename Sync::RwLock mmap_lock;
  typename Sync::Lock notifier;   // held from a change's begin to its end, and by a device's refill
  AddressSpaceId id = 0;          // its index among the processes
  typename Sync::Lock root_lock;  // of `root`, as of an entry in a table. Rank: page_table
  std::uint8_t alive = 0;
  std::uint8_t has_pinned = 0;          // MMF_HAS_PINNED
  std::uint32_t write_protect_seq = 0;  // odd while fork write-protects
  std::uint32_t tlb_flush_pending = 0;  // changes of entries beside faults, not yet flushed. WP-3
  // CPUs that may remember translations; none is ever taken away, as it could just have come again.
  CpuMask cpus = 0;  // that may remember translations
  Pte root = 0;      // points to the root table, as an upper entry would: CR3
  Vpn next_base = kFirstRegion;
  std::array<CpuCounters, kCounters> counters{};
  Stable<Sync, MappedRegion> regions;  // by Region

  void count(Kind kind, unsigned cpu, std::uint32_t by) {
    if constexpr (counts_rss)
      Sync::fetch_add(counters[cpu % kCounters].rss[static_cast<std::size_t>(kind)], by);
  }
  void uncount(Kind kind, unsigned cpu, std::uint32_t by) { count(kind, cpu, 0 - by); }
  Counters rss() const {
    Counters all{};
    for (const CpuCounters& c : counters)
      for (std::size_t kind = 0; kind < all.size(); ++kind) all[kind] += c.rss[kind];
    return all;
  }
};

}  // namespace cow::impl

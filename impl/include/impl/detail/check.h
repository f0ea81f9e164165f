// What is cached, recomputed from the entries and references, and compared. STYLE: derive-or-check.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> struct BasicMachine<Build>::Census {
  std::vector<std::uint64_t> mapcount, refcount;  // by frame
  std::vector<std::uint32_t> pins;
  Counters rss{};                           // of the process at hand
  Counters allocated{};                     // pages, by kind
  std::vector<std::uint64_t> mapped_pages;  // by object
  std::uint32_t tables = 0;
  std::optional<std::string> wrong;  // the first thing found

  template <class... Part> void expect(bool holds, const char* what, Part... at) {
    if (holds || wrong) return;
    wrong = what;
    ((*wrong += ' ', *wrong += std::to_string(at)), ...);
  }
};

template <class Build> std::optional<std::string> BasicMachine<Build>::check_counts() const {
  Census census;
  census.mapcount.resize(frames_.end());
  census.refcount.resize(frames_.end());
  census.pins.resize(frames_.end());
  census.mapped_pages.resize(cache_.objects());
  for (const Mm& mm : processes_)
    if (mm.alive) count_process(mm, census);
  count_references(census);
  compare_counts(census);
  return census.wrong;
}

template <class Build> std::optional<std::string> BasicMachine<Build>::check_tables() const {
  for (const Mm& mm : processes_)
    if (mm.alive && !tables_.holds_what_it_says(mm.root))
      return "an upper table holds other than it says, process " +
             std::to_string(&mm - processes_.data());
  return std::nullopt;
}

template <class Build> void BasicMachine<Build>::count_process(const Mm& mm, Census& census) const {
  census.rss = {};
  census.tables += tables_.count_reachable(mm.root);
  for (const MappedRegion& region : mm.regions) {
    std::uint32_t end = 0;
    for (const Area& a : region.areas) {
      census.expect(end <= a.first && a.first < a.end && a.end <= region.pages,
                    "areas overlap or lie outside at page", a.first);
      end = a.end;
      if (region.has_object()) census.mapped_pages[region.object] += a.end - a.first;
    }
    if (region.areas.empty()) continue;
    tables_.for_each_run(mm.root, region.base, region.vpn(region.pages),
                         [&](const Pte* entries, Vpn vpn, unsigned n) {
                           for (unsigned i = 0; i < n; ++i) {
                             if (entries[i] == 0) continue;
                             const auto page = static_cast<std::uint32_t>(vpn + i - region.base);
                             count_entry(region, find_area(region.areas, page), entries[i], census);
                           }
                           return true;
                         });
  }
  census.expect(census.rss == mm.rss, "CNT-3: rss differs in process", &mm - processes_.data());
}

template <class Build>
void BasicMachine<Build>::count_entry(const MappedRegion& region, const Area* area, Pte entry,
                                      Census& census) const {
  const FrameNo f = pte_frame(entry);
  census.expect(pte_present(entry), "an entry is set but not present, frame", f);
  census.expect(area != nullptr, "EXIT-1: an entry outside of every area, frame", f);
  census.expect(frames_.known(f), "an entry maps a frame never allocated", f);
  if (census.wrong) return;
  const PageFlags flags = frames_.flags(f);
  const bool anon = page_anon(flags);
  census.expect(!kind_is(flags, Kind::none), "an entry maps a free frame", f);
  census.expect(pte_special(entry) == (f == kZeroPage), "special and zero page differ, frame", f);
  if (pte_write(entry)) {
    census.expect(f != kZeroPage, "ZERO-2: a writable entry maps the zero page");
    census.expect(vm_has(area->flags, kVmWrite), "WP-5: writable entry in a ro area, frame", f);
    const bool private_ = is_cow_mapping(area->flags);
    census.expect(!private_ || anon, "INT-1: a private writable entry of a cache page", f);
    census.expect(!private_ || mapcount_of(frames_.counts(f)) == 1,
                  "ISO-1: a private writable entry of a shared page", f);
    census.expect(!private_ || !rules_.tracks_exclusive || page_exclusive(flags),
                  "REUSE-4: a private writable entry of a page not exclusive", f);
  }
  census.expect(!anon || region.share == Share::private_, "SHM-1: anon page in shared memory", f);
  census.expect(!anon || area->anon_vma != AnonVma::none, "anon page, no anon_vma, frame", f);
  if (f == kZeroPage) return;
  ++census.mapcount[f];
  ++census.refcount[f];
  ++census.rss[flags & kKindMask];
}

template <class Build> void BasicMachine<Build>::count_references(Census& census) const {
  for (const Gup& ref : refs_) {
    if (!ref.live || ref.frame == kZeroPage) continue;
    census.expect(frames_.known(ref.frame) && frames_.kind(ref.frame) != Kind::none,
                  "a reference to a free frame", ref.frame);
    census.refcount[ref.frame] += ref.pin ? kPinBias : 1;
    census.pins[ref.frame] += ref.pin;
  }
  for (const Stray& stray : strays_)
    if (stray.frame != kZeroPage) ++census.refcount[stray.frame];
  for (ObjectNo o = 0; o < cache_.objects(); ++o) {
    const CacheObject& object = cache_.object(o);
    census.expect(object.mapped_pages == census.mapped_pages[o], "mapped pages of object", o);
    cache_.for_each(o, [&](std::uint32_t page, FrameNo f) {
      census.expect(frames_.kind(f) == object.kind, "wrong kind in the page cache, page", page);
      ++census.refcount[f];
    });
  }
}

template <class Build> void BasicMachine<Build>::compare_counts(Census& census) const {
  std::uint32_t live = 0;
  for (FrameNo f = kZeroPage + 1; f < frames_.end(); ++f) {
    if (frames_.kind(f) == Kind::none) {
      census.expect(census.refcount[f] == 0, "a free frame is in use", f);
      continue;
    }
    ++live;
    ++census.allocated[frames_.flags(f) & kKindMask];
    const PageCounts counts = frames_.counts(f);
    census.expect(mapcount_of(counts) == census.mapcount[f], "CNT-1: mapcount of frame", f);
    census.expect(refcount_of(counts) == census.refcount[f], "CNT-2: refcount of frame", f);
    census.expect(frames_.pins(f) == census.pins[f], "CNT-2: pins of frame", f);
    census.expect(census.refcount[f] != 0, "ERR-2: a frame that nobody holds", f);
    census.expect(!page_exclusive(frames_.flags(f)) || census.mapcount[f] <= 1,
                  "REUSE-4: an exclusive page with several mappings", f);
  }
  census.expect(live == frames_.live(), "frames alive:", live, frames_.live());
  for (const Kind k : {Kind::anon, Kind::file, Kind::shmem})
    census.expect(census.allocated[slot_of(k)] == frames_.allocated(k), "allocated of kind",
                  static_cast<int>(k));
  census.expect(census.tables == tables_.live(), "tables alive:", census.tables, tables_.live());
  const auto* zero = frames_.bytes(kZeroPage);
  census.expect(zero[0] == 0 && std::memcmp(zero, zero + 1, kPageBytes - 1) == 0,
                "ZERO-2: the zero page was written");
}

}  // namespace cow::impl

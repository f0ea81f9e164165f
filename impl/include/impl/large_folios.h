// Large folios: 512 frames that were allocated together, and go together.
//
// A folio lives until nothing maps or holds any of its frames, or until it is split into ordinary
// pages. So that none of its frames frees itself before, each has a mark in its count of holders
// (impl/frames.h), which only the folio's end takes away. Whoever drops an entry or a reference of
// a frame asks afterwards whether the folio is still used.
//
// Laws
//   A frame of a living folio that nothing maps or holds stays so: entries come from entries, and
//   references from entries or references. So a look at one frame after the other, at none of which
//   it is used, says that it never will be; and the last one to drop sees that.
//   Entries of a folio are counted before the PMD mapping that they are, and go after it: sums over
//   the frames never are too small for a question that a low count answers with yes.
//
// Thread safety: of() and counts() want somebody who keeps the folio, as an entry whose table's
// lock is held, or a reference; free_if_unused() wants nobody. Without any folio all cost one load.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "impl/frames.h"
#include "impl/lock_order.h"
#include "impl/reserved.h"
#include "impl/stable.h"
#include "impl/table_pool.h"

namespace cow::impl {

inline constexpr unsigned kFolioPages = kTableEntries;
using FolioNo = std::uint32_t;
inline constexpr FolioNo kNoFolio = 0;
using FolioPages = std::array<FrameNo, kFolioPages>;

// What the folio's frames say together.
struct FolioCounts {
  std::uint64_t entries = 0;  // of all frames
  std::uint64_t most = 0;     // of one frame
  std::uint64_t others = 0;   // references that are no entries: gets, strays, 1024 for each pin
  std::uint64_t pmds = 0;     // PMD mappings, each 512 of the entries

  std::uint64_t mappings() const { return entries - pmds * (kFolioPages - 1); }
  std::uint64_t references() const { return mappings() + others; }
};

template <class Sync> class LargeFolios {
 public:
  // REQUIRES: nothing maps or holds a frame, or the frames are reset too. Keeps the memory.
  void reset() {
    for (FolioNo n = 1; n < next_; ++n)
      if (folios_[n].live)
        for (const FrameNo f : folios_[n].pages) of_[f] = kNoFolio;
    for (FolioNo n = 1; n < next_; ++n) folios_[n].live = false;
    free_ = kNoFolio;
    next_ = 1;
    live_ = 0;
  }

  // Are there large folios? Without a lock: whoever knows a frame of one has seen it come.
  bool any() const { return Sync::load(live_) != 0; }
  FolioNo of(FrameNo page) const { return any() ? Sync::load(of_[page]) : kNoFolio; }
  FolioPages& pages(FolioNo n) const { return folios_[n].pages; }
  std::uint32_t pmds(FolioNo n) const { return Sync::load(folios_[n].pmds); }

  FolioCounts counts(FolioNo n, const Frames<Sync>& frames) const {
    FolioCounts all;
    all.pmds = pmds(n);
    for (const FrameNo f : folios_[n].pages) {
      const std::uint64_t m = frames.mapped(f), h = frames.held(f);
      all.entries += m;
      all.most = std::max(all.most, m);
      all.others += h - (m != 0 && h != 0 ? 1 : 0);
    }
    return all;
  }

  // A number, whose pages are to be filled in; kNoFolio where the host has no memory.
  FolioNo take() {
    const Held<Sync, LockRank::folio> held(lock_);
    if (of_.capacity() == 0) of_ = Reserved<FolioNo>(Frames<Sync>::kMost);
    if (of_.capacity() < Frames<Sync>::kMost) return kNoFolio;
    if (const FolioNo n = free_; n != kNoFolio) {
      free_ = folios_[n].next;
      return n;
    }
    return folios_.grow(std::size_t{next_} + 1) ? next_++ : kNoFolio;
  }
  // The number of a folio that has not begun.
  void give_back(FolioNo n) {
    const Held<Sync, LockRank::folio> held(lock_);
    put_number(n);
  }
  // Its frames are one folio from here on. REQUIRES: nobody else knows them; one is mapped or held.
  void begin(FolioNo n, std::uint32_t pmds, Frames<Sync>& frames) {
    const Held<Sync, LockRank::folio> held(lock_);
    Folio& folio = folios_[n];
    Sync::store(folio.pmds, pmds);
    folio.live = true;
    Sync::fetch_add(live_, 1);
    for (const FrameNo f : folio.pages) {
      frames.get_large(f);
      Sync::store(of_[f], n);
    }
  }

  void add_pmd(FolioNo n) { Sync::fetch_add(folios_[n].pmds, 1); }
  void remove_pmd(FolioNo n) { Sync::fetch_sub(folios_[n].pmds, 1); }

  // Its frames are ordinary pages; those that nothing maps or holds are free. REQUIRES: the folio
  // is kept; no PMD maps it.
  void split(FolioNo n, Frames<Sync>& frames, unsigned cpu) {
    const Held<Sync, LockRank::folio> held(lock_);
    end(n, frames, cpu);
  }
  // After an entry or a reference of the frame was dropped. It may be another's by now: then the
  // question does no harm.
  void free_if_unused(FrameNo page, Frames<Sync>& frames, unsigned cpu) {
    if (of(page) == kNoFolio) return;
    const Held<Sync, LockRank::folio> held(lock_);
    const FolioNo n = of(page);
    if (n == kNoFolio) return;  // somebody else was faster
    for (const FrameNo f : folios_[n].pages)
      if (frames.mapped(f) != 0 || frames.held(f) != 0) return;
    end(n, frames, cpu);
  }

  // ---- Looking, while nothing runs ----

  template <class F> void for_each(F f) const {
    for (FolioNo n = 1; n < next_; ++n)
      if (folios_[n].live) f(n);
  }
  FolioNo end() const { return next_; }

 private:
  struct Folio {
    FolioPages pages{};
    std::uint32_t pmds = 0;
    FolioNo next = kNoFolio;  // of the free numbers
    bool live = false;
  };

  void put_number(FolioNo n) {
    folios_[n].next = free_;
    free_ = n;
  }
  void end(FolioNo n, Frames<Sync>& frames, unsigned cpu) {
    folios_[n].live = false;
    for (const FrameNo f : folios_[n].pages) {
      Sync::store(of_[f], kNoFolio);
      frames.put_large(f, cpu);
    }
    put_number(n);
    Sync::fetch_sub(live_, 1);
  }

  typename Sync::Lock lock_;
  Reserved<FolioNo> of_;  // by frame
  Stable<Sync, Folio> folios_;
  FolioNo free_ = kNoFolio;
  FolioNo next_ = 1;
  std::uint32_t live_ = 0;
};

}  // namespace cow::impl

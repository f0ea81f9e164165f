// Data pages: 4096 real bytes each, counts, flags, free lists.
//
// Units: a frame number is 32 bits, frame 0 is the zero page; at most 2^24 frames (64 GiB), fewer
// where the host lets a process reserve less.
//
// A page has two words. `state` is what one entry more or less changes: the number of entries in
// its low 28 bits, above them the page's flags. `held` is the number of gets and page caches, 1024
// for each pin, and one for all entries together while there are any. So sharing a page touches one
// word, and it is freed by whoever takes `held` to zero. Linux's refcount is the entries and
// `held`, less the one for all entries.
//
// In the upper bits of `held` stand marks, which are no references. That of a large folio's frame
// keeps it from being freed before the folio is (impl/large_folios.h).
//
// The owner's privilege: an anonymous page that one entry maps can get or lose an entry by the
// doing of that entry's address space alone. Whoever keeps that from happening (fork holds its
// mmap_lock for writing) may change `state` with a plain store.
//
// A free frame has kind none, and in place of the number the link to the next free one of the pool.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>

#include "cow/ids.h"
#include "cow/view.h"
#include "impl/decisions.h"
#include "impl/lock_order.h"
#include "impl/reserved.h"
#include "impl/share_run.h"

namespace cow::impl {

inline constexpr FrameNo kZeroPage = 0;
inline constexpr FrameNo kNoPage = 0;  // "no frame" where a data page is meant
// Entries that a walk looks ahead: the counts of shuffled frames miss the cache.
inline constexpr unsigned kPrefetchAhead = 12;
inline constexpr std::size_t kCellStride = kPageBytes / kCells;
template <class Sync> inline constexpr unsigned kCpus = Sync::kConcurrent ? 64 : 1;

template <class Sync> class Frames {
 public:
  static constexpr std::uint32_t kMost = 1u << 24;
  using Count = std::uint32_t;

  // Throws std::bad_alloc if not even the zero page can be had.
  void reset(std::uint32_t limit) {
    if (bytes_.capacity() == 0) reserve();
    limit_ = limit;
    fail_in_ = limited_live_ = 0;
    pool_ = kNoPage;
    next_ = kZeroPage + 1;
    for (Cache& cache : caches_) cache.n = 0, cache.allocated = {};
    std::memset(bytes(kZeroPage), 0, kPageBytes);
    held_[kZeroPage] = 0;
    state_[kZeroPage] = state_of(Kind::zero);
  }

  void fail_at(std::uint32_t nth) { Sync::store(fail_in_, nth); }  // 0 takes it back

  // For whoever has them later; or false. To all others they are used meanwhile.
  bool set_aside(Count n) { return limit_ == kEnoughFrames || count_live(n); }
  void unset_aside(Count n) { Sync::fetch_sub(limited_live_, limit_ == kEnoughFrames ? 0 : n); }

  // A page without references; kNoPage where none is to be had. Its bytes are zero if `is_zero`
  // says so afterwards, else unset.
  FrameNo alloc(Kind kind, unsigned cpu, bool& is_zero) {
    if (Sync::load(fail_in_) != 0 && Sync::fetch_sub(fail_in_, 1) == 1) return kNoPage;
    if (limit_ != kEnoughFrames && !count_live(1)) return kNoPage;
    const FrameNo f = take(kind, cpu, is_zero);
    if (f == kNoPage && limit_ != kEnoughFrames) Sync::fetch_sub(limited_live_, 1);
    return f;
  }
  FrameNo alloc(Kind kind, unsigned cpu) {
    bool is_zero = false;
    return alloc(kind, cpu, is_zero);
  }

  // All of `pages` in one allocation, or false. on_page(page, is_zero) for each.
  template <class Pages, class F> bool alloc_all(Kind kind, unsigned cpu, Pages& pages, F on_page) {
    const auto all = static_cast<std::uint32_t>(pages.size());
    if (Sync::load(fail_in_) != 0 && Sync::fetch_sub(fail_in_, 1) == 1) return false;
    if (limit_ != kEnoughFrames && !count_live(all)) return false;
    for (std::uint32_t i = 0; i < all; ++i) {
      bool is_zero = false;
      pages[i] = take(kind, cpu, is_zero);
      if (pages[i] == kNoPage) {
        if (limit_ != kEnoughFrames) Sync::fetch_sub(limited_live_, all - i);
        while (i > 0) free(pages[--i], cpu);
        return false;
      }
      on_page(pages[i], is_zero);
    }
    return true;
  }

  // REQUIRES: nothing maps or holds it.
  void free(FrameNo f, unsigned cpu) {
    assert(f != kZeroPage);
    assert(kind(f) != Kind::none);
    const auto was = static_cast<std::size_t>(kind(f));
    Sync::store(state_[f], state_of(Kind::none));
    {
      Cache& cache = caches_[cpu];
      const Held<Sync, LockRank::frames> held(cache.lock);
      if (cache.n == cache.free.size()) give_back(cache);
      cache.free[cache.n++] = f;
      --cache.allocated[was];
    }
    if (limit_ != kEnoughFrames) Sync::fetch_sub(limited_live_, 1);
  }

  // One entry less of each, which no CPU has a translation of any more. Pages that are only mapped,
  // and only once, are nobody else's to find, and go in one go. kinds[k] counts the pages of a
  // kind.
  template <class Counters>
  void remove_mappings(const FrameNo* pages, unsigned n, unsigned cpu, Counters& kinds) {
    FrameNo chain = kNoPage, last = kNoPage;
    std::array<std::uint32_t, 8> freed{};
    constexpr auto kAnon = static_cast<std::size_t>(Kind::anon);
    for (unsigned i = 0; i < n;) {
      if (const unsigned run = free_run(pages + i, states(), &held_[0], n - i, chain); run != 0) {
        if (last == kNoPage) last = pages[i];
        i += run;
        chain = pages[i - 1];
        kinds[kAnon] += run;
        freed[kAnon] += run;
      } else if (const unsigned left =
                     Sync::kConcurrent ? 0 : leave_run(pages + i, states(), n - i);
                 left != 0) {
        i += left;
        kinds[kAnon] += left;
      }
      for (const unsigned end = std::min(n, i + kBetweenRuns); i < end; ++i) {
        if (i + kPrefetchAhead < n) prefetch_all(pages[i + kPrefetchAhead]);
        const FrameNo f = pages[i];
        const State s = Sync::load(state_[f]);
        if (i + 1 < end && leave_two(f, pages[i + 1], s, cpu, kinds)) {
          ++i;
          continue;
        }
        const auto kind = static_cast<std::size_t>(s >> kFlagsShift & kKindMask);
        ++kinds[kind];
        if ((s & kEntries) != 1 || Sync::load(held_[f]) != 1) {
          remove_mapping(f, cpu);
          continue;
        }
        if (last == kNoPage) last = f;
        Sync::store(state_[f], state_of(Kind::none) | chain);
        chain = f;
        ++freed[kind];
      }
    }
    if (chain != kNoPage) free_chain(chain, last, freed, cpu);
  }

  // ---- Counts ----

  // What a page's state word says.
  using State = std::uint32_t;
  static constexpr unsigned kFlagsShift = 28;
  static constexpr State kEntries = (State{1} << kFlagsShift) - 1;
  static constexpr State state_of(Kind kind) { return static_cast<State>(kind) << kFlagsShift; }
  static constexpr State kExclusiveState = State{kExclusive} << kFlagsShift;
  // In `held`, beside the page's marks: of a large folio.
  static constexpr Count kLarge = 1u << 31;
  static constexpr Count kReferences = kPageGivenUp - 1;
  Count mapped(FrameNo f) const { return Sync::load(state_[f]) & kEntries; }
  Count held(FrameNo f) const { return Sync::load(held_[f]) & kReferences; }
  // As the decisions want them. The entries are looked at first: whoever leaves a page has made its
  // own references before.
  PageCounts counts(FrameNo f) const {
    const PageCounts m = mapped(f), h = held(f);
    return m << kMapcountShift | (m + h - (m != 0 ? 1 : 0));
  }
  // A page that nobody else can know gets its first entry.
  void map_first(FrameNo f, Kind kind, bool exclusive) {
    Sync::store(held_[f], 1);
    Sync::store(state_[f], (state_of(kind) | (exclusive ? kExclusiveState : 0)) + 1);
  }
  void add_mapping(FrameNo f) {
    if ((Sync::fetch_add(state_[f], 1) & kEntries) == 0) Sync::fetch_add(held_[f], 1);
  }
  // One entry more of a page that is not exclusive afterwards, by the owner's privilege where it
  // holds. Returns the page's flags before. REQUIRES: an entry of the caller's maps it.
  PageFlags share_own(FrameNo f) {
    const State before = Sync::load(state_[f]);
    if ((before | kExclusiveState) == ((state_of(Kind::anon) | kExclusiveState) + 1))
      Sync::store(state_[f], state_of(Kind::anon) + 2);
    else if ((Sync::fetch_add(state_[f], 1) & kExclusiveState) != 0)
      Sync::fetch_and(state_[f], ~kExclusiveState);
    return static_cast<PageFlags>(before >> kFlagsShift);
  }
  void remove_mapping(FrameNo f, unsigned cpu) {
    if ((Sync::fetch_sub(state_[f], 1) & kEntries) == 1) put(f, 1, cpu);
  }
  void get(FrameNo f, Count references) { Sync::fetch_add(held_[f], references); }
  // For who has found the page without a lock. Linux: try_get_page.
  bool try_get(FrameNo f, Count references) {
    for (Count h = Sync::load(held_[f]); (h & kReferences) != 0;)
      if (Sync::cas(held_[f], h, h + references)) return true;
    return false;
  }
  void put(FrameNo f, Count references, unsigned cpu) {
    const Count before = Sync::fetch_sub(held_[f], references);
    assert(before >= references);
    if ((before & ~(kPageDirty | kPageGivenUp)) == references) free(f, cpu);
  }
  PageMarks marks(FrameNo f) const { return Sync::load(held_[f]) & (kPageDirty | kPageGivenUp); }
  void mark(FrameNo f, PageMarks marks) { Sync::fetch_or(held_[f], marks); }
  void unmark(FrameNo f, PageMarks marks) { Sync::fetch_and(held_[f], ~marks); }
  void set_dirty(FrameNo f) { mark(f, kPageDirty); }
  void get_large(FrameNo f) { Sync::fetch_add(held_[f], kLarge); }
  void put_large(FrameNo f, unsigned cpu) { put(f, kLarge, cpu); }

  PageFlags flags(FrameNo f) const {
    return static_cast<PageFlags>(Sync::load(state_[f]) >> kFlagsShift);
  }
  Kind kind(FrameNo f) const { return static_cast<Kind>(flags(f) & kKindMask); }
  // REQUIRES: the lock of the page table that maps it; for a page that one entry maps that is
  // enough, and a mutant's page that several map is nobody's to be right about.
  void set_exclusive(FrameNo f) {
    const State s = Sync::load(state_[f]);
    if ((s & kExclusiveState) == 0) Sync::store(state_[f], s | kExclusiveState);
  }
  void clear_exclusive(FrameNo f) {
    const State s = Sync::load(state_[f]);
    if ((s & kExclusiveState) != 0) Sync::store(state_[f], s & ~kExclusiveState);
  }
  // Becomes another sort of anonymous page. REQUIRES: the lock of the table that maps it, or that
  // no table does.
  void set_kind(FrameNo f, Kind to, unsigned cpu) {
    State s = Sync::load(state_[f]);
    const State kinds = State{kKindMask} << kFlagsShift;
    while (!Sync::cas(state_[f], s, (s & ~kinds) | state_of(to))) {
    }
    Cache& cache = caches_[cpu];
    const Held<Sync, LockRank::frames> held(cache.lock);
    --cache.allocated[s >> kFlagsShift & kKindMask];
    ++cache.allocated[static_cast<std::size_t>(to)];
  }
  void prefetch(FrameNo f) const { __builtin_prefetch(&state_[f], 1); }
  void prefetch_all(FrameNo f) const {
    prefetch(f);
    __builtin_prefetch(&held_[f], 1);
  }
  State* states() const { return &state_[0]; }

  std::uint8_t* bytes(FrameNo f) const { return bytes_[f].data(); }
  std::uint8_t& cell(FrameNo f, unsigned cell) const { return bytes(f)[cell * kCellStride]; }

  // ---- Looking, while nothing runs ----

  bool known(FrameNo f) const { return f < next_; }  // ever handed out since reset
  FrameNo end() const { return next_; }
  std::uint32_t allocated(Kind k) const {
    std::uint32_t all = 0;  // what one CPU took, another may have freed
    for (const Cache& cache : caches_) all += cache.allocated[static_cast<std::size_t>(k)];
    return all;
  }
  // So that the CPU's next allocations touch nothing that CPUs share.
  void prepare(unsigned cpu) {
    Cache& cache = caches_[cpu];
    if (cache.n == 0) refill(cache);
  }
  // Bytes that a frame costs besides its 4096.
  static constexpr std::size_t kBytesPerFrame = sizeof(State) + sizeof(Count);

 private:
  static constexpr unsigned kBatch = 32;
  struct alignas(64) Cache {
    typename Sync::Lock lock;
    std::uint32_t n = 0;
    std::array<FrameNo, std::size_t{2} * kBatch> free{};
    std::array<std::uint32_t, 8> allocated{};  // by kind; less what this CPU freed
  };
  static constexpr State kUntouched = kExclusiveState;  // free, and as the host gave it: zero
  using PageBytes = std::array<std::uint8_t, kPageBytes>;

  // One entry less of two pages that others map too, with one locked instruction: their words are
  // one of 64 bits. No borrow comes from the lower word, as the caller's entry is counted in it.
  template <class Counters>
  bool leave_two([[maybe_unused]] FrameNo f, [[maybe_unused]] FrameNo next,
                 [[maybe_unused]] State first, [[maybe_unused]] unsigned cpu,
                 [[maybe_unused]] Counters& kinds) {
#ifndef __SANITIZE_THREAD__
    if constexpr (std::is_same_v<Sync, Threads>) {
      if (f % 2 != 0 || next != f + 1 || (first & kEntries) < 2) return false;
      if ((Sync::load(state_[next]) & kEntries) < 2) return false;
      using Two [[gnu::may_alias]] = std::uint64_t;
      static_assert(std::endian::native == std::endian::little);
      constexpr Two kOneEach = Two{1} << 32 | 1;
      const Two before =
          __atomic_fetch_sub(reinterpret_cast<Two*>(&state_[f]), kOneEach, __ATOMIC_SEQ_CST);
      for (const State s : {static_cast<State>(before), static_cast<State>(before >> 32)}) {
        ++kinds[s >> kFlagsShift & kKindMask];
        if ((s & kEntries) == 1) put(f, 1, cpu);
        ++f;
      }
      return true;
    }
#endif
    return false;
  }
  // Never more than there may be, not even for a moment: another would be refused for it.
  bool count_live(std::uint32_t more) {
    for (std::uint32_t live = Sync::load(limited_live_); live < limit_ && more <= limit_ - live;)
      if (Sync::cas(limited_live_, live, live + more)) return true;
    return false;
  }
  FrameNo take(Kind kind, unsigned cpu, bool& is_zero) {
    FrameNo f = kNoPage;
    {
      Cache& cache = caches_[cpu];
      const Held<Sync, LockRank::frames> held(cache.lock);
      if (cache.n == 0) refill(cache);
      if (cache.n == 0) return kNoPage;
      f = cache.free[--cache.n];
      ++cache.allocated[static_cast<std::size_t>(kind)];
    }
    is_zero = (state_[f] & kUntouched) != 0;
    Sync::store(held_[f], 0);
    Sync::store(state_[f], state_of(kind));
    return f;
  }
  void reserve() {
    bytes_ = Reserved<PageBytes>(kMost);
    state_ = Reserved<State>(kMost);
    held_ = Reserved<Count>(kMost);
    capacity_ = static_cast<std::uint32_t>(
        std::min({bytes_.capacity(), state_.capacity(), held_.capacity()}));
    if (capacity_ < 2) throw std::bad_alloc();
    ever_ = 1;
  }
  // Lowest numbers last, so that they are taken first.
  void refill(Cache& cache) {
    const Held<Sync, LockRank::pool> held(pool_lock_);
    while (cache.n < kBatch && pool_ != kNoPage) {
      cache.free[cache.n++] = pool_;
      pool_ = state_[pool_] & kEntries;
    }
    if (cache.n != 0) return;
    const FrameNo from = next_;
    next_ = std::min(capacity_, next_ + kBatch);
    for (FrameNo f = next_; f > from;) {
      --f;
      state_[f] = state_of(Kind::none) | (f >= ever_ ? kUntouched : 0);
      cache.free[cache.n++] = f;
    }
    ever_ = std::max(ever_, next_);
  }
  // A chain of free frames that ends with `last`: this CPU keeps what it has room for, the rest
  // goes to the pool.
  void free_chain(FrameNo chain, FrameNo last, const std::array<std::uint32_t, 8>& freed,
                  unsigned cpu) {
    std::uint32_t all = 0;
    {
      Cache& cache = caches_[cpu];
      const Held<Sync, LockRank::frames> held(cache.lock);
      for (std::size_t kind = 0; kind < freed.size(); ++kind) {
        cache.allocated[kind] -= freed[kind];
        all += freed[kind];
      }
      for (; chain != kNoPage && cache.n < cache.free.size(); chain = state_[chain] & kEntries)
        cache.free[cache.n++] = chain;
    }
    if (chain != kNoPage) {
      const Held<Sync, LockRank::pool> held(pool_lock_);
      Sync::store(state_[last], state_of(Kind::none) | pool_);
      pool_ = chain;
    }
    if (limit_ != kEnoughFrames) Sync::fetch_sub(limited_live_, all);
  }
  void give_back(Cache& cache) {
    const Held<Sync, LockRank::pool> held(pool_lock_);
    while (cache.n > kBatch) {
      const FrameNo f = cache.free[--cache.n];
      state_[f] = state_of(Kind::none) | pool_;
      pool_ = f;
    }
  }

  Reserved<PageBytes> bytes_;
  Reserved<State> state_;
  Reserved<Count> held_;
  std::array<Cache, kCpus<Sync>> caches_;
  std::uint32_t capacity_ = 0, limit_ = kEnoughFrames, fail_in_ = 0;
  std::uint32_t limited_live_ = 0;  // counted where there is a limit
  FrameNo ever_ = 0;                // the end of what was handed out since construction
  typename Sync::Lock pool_lock_;
  FrameNo pool_ = kNoPage, next_ = 0;
};

}  // namespace cow::impl

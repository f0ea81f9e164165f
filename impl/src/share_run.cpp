#include "impl/share_run.h"

#include <algorithm>
#include <cstring>

#include "impl/detail/entry.h"
#include "impl/frames.h"

// One body for the instructions that every processor of the kind has and one for wider vectors. A
// sanitizer's start-up does not bear the choice, and sees each entry in the other way of copying.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COW_VECTORS
#else
#define COW_VECTORS __attribute__((target_clones("avx2", "default")))
#endif

// Vectors are passed within one function only: all that takes them is inlined.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace cow::impl {
namespace {

using State = Frames<OneThread>::State;
constexpr State kAnon = Frames<OneThread>::state_of(Kind::anon);
constexpr State kExclusiveState = Frames<OneThread>::kExclusiveState;
constexpr State kExclusiveAnon = kAnon | kExclusiveState;

constexpr bool is_anon(State state) {
  return (state & ~Frames<OneThread>::kEntries & ~kExclusiveState) == kAnon;
}

constexpr bool may_be_shared(Pte e, State state, bool alone) {
  return pte_present(e) && !pte_special(e) && is_anon(state) &&
         (alone || ((state | kExclusiveAnon) == kExclusiveAnon + 1 && !hardware_may_change(e)));
}

// kRun words at once.
using Words = State __attribute__((vector_size(kRun * sizeof(State))));
// kRun entries at once, in two halves.
using Half = Pte __attribute__((vector_size(kRun / 2 * sizeof(Pte))));
constexpr Words kCounting = {0, 1, 2, 3, 4, 5, 6, 7};
constexpr Pte kNextFrame = Pte{1} << kFrameShift;
constexpr Half kFrames = {0, kNextFrame, 2 * kNextFrame, 3 * kNextFrame};
constexpr Half kFramesAfter = kFrames + 4 * kNextFrame;

// Their addresses are any.
template <class Vector, class T> [[gnu::always_inline]] inline Vector load(const T* from) {
  Vector v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
template <class Vector, class T> [[gnu::always_inline]] inline void store(T* to, const Vector& v) {
  std::memcpy(to, &v, sizeof v);
}
[[gnu::always_inline]] inline bool any(const Half& v) { return (v[0] | v[1] | v[2] | v[3]) != 0; }
[[gnu::always_inline]] inline bool any(const Words& v) {
  return any(reinterpret_cast<const Half&>(v));
}

// Do the kRun pages go in sequence, anonymous and alike?
[[gnu::always_inline]] inline bool is_run(const FrameNo* pages, const State* states) {
  const FrameNo first = pages[0];
  return !any(load<Words>(pages) ^ (first + kCounting)) && is_anon(states[first]) &&
         !any(load<Words>(states + first) ^ states[first]);
}
constexpr unsigned entries_of(State state) { return state & Frames<OneThread>::kEntries; }

// Pages in no order, but entries alike: what is asked of the entry is asked once. Takes
// kBetweenRuns of the n at most.
[[gnu::always_inline]] inline unsigned share_each(Pte* src, Pte* dst, State* states, unsigned n,
                                                  Pte cleared, bool alone) {
  constexpr unsigned kAhead = 2 * kPrefetchAhead;  // little is done for each
  const Pte first = src[0];
  if (!pte_present(first) || pte_special(first) || (!alone && hardware_may_change(first))) return 0;
  const bool changes = (first & cleared) != 0;
  const unsigned end = std::min(n, kBetweenRuns);
  for (unsigned i = 0; i < end; ++i) {
    if (i + kAhead < n) __builtin_prefetch(states + pte_frame(src[i + kAhead]), 1);
    const Pte e = src[i];
    if (((e ^ first) & ~kFrameMask) != 0) return i;
    State& state = states[pte_frame(e)];
    const State seen = state;
    if (!is_anon(seen) || (!alone && entries_of(seen) != 1)) return i;
    state = (seen & ~kExclusiveState) + 1;
    dst[i] = pte_mkold(e & ~cleared);
    if (changes) src[i] = e & ~cleared;
  }
  return end;
}

}  // namespace

COW_VECTORS
unsigned free_run(const FrameNo* pages, std::uint32_t* states, const std::uint32_t* held,
                  unsigned n, FrameNo chain) {
#ifdef __SANITIZE_THREAD__
  return 0;
#endif
  constexpr State kFree = Frames<OneThread>::state_of(Kind::none);
  unsigned done = 0;
  for (; done + kRun <= n; done += kRun) {
    const FrameNo first = pages[done];
    State* state = states + first;
    if (!is_run(pages + done, states) || entries_of(state[0]) != 1) break;
    if (any(load<Words>(held + first) ^ 1u)) break;
    store(state, kFree | (first - 1 + kCounting));
    state[0] = kFree | chain;
    chain = first + kRun - 1;
  }
  return done;
}

COW_VECTORS
unsigned leave_run(const FrameNo* pages, std::uint32_t* states, unsigned n) {
  unsigned done = 0;
  for (; done + kRun <= n; done += kRun) {
    State* state = states + pages[done];
    if (!is_run(pages + done, states) || entries_of(state[0]) < 2) break;
    store(state, state[0] - 1 + Words{});
  }
  return done;
}

COW_VECTORS
unsigned share_run(Pte* src, Pte* dst, std::uint32_t* states, unsigned n, bool wrprotects,
                   bool alone) {
#ifdef __SANITIZE_THREAD__
  return 0;
#endif
  const Pte cleared = wrprotects ? kWrite : 0;
  unsigned done = 0;
  for (; done + kRun <= n; done += kRun) {
    // The entries first: where they go in no order, no page's state is waited for.
    Pte* from = src + done;
    const Pte first = from[0];
    const Half seen = load<Half>(from), after = load<Half>(from + kRun / 2);
    if (any((seen ^ (first + kFrames)) | (after ^ (first + kFramesAfter)))) break;
    State* state = states + pte_frame(first);
    const State as_first = state[0];
    if (!may_be_shared(first, as_first, alone)) break;
    if (any(load<Words>(state) ^ as_first)) break;
    store(state, (as_first & ~kExclusiveState) + 1 + Words{});
    store(dst + done, seen & ~(cleared | kAccessed));
    store(dst + done + kRun / 2, after & ~(cleared | kAccessed));
    if ((first & cleared) == 0) continue;
    store(from, seen & ~cleared);
    store(from + kRun / 2, after & ~cleared);
  }
  if (done != 0) return done;
  return share_each(src, dst, states, n, cleared, alone);
}

}  // namespace cow::impl

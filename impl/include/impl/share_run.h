// Fork, many entries in one go. Where eight map anonymous pages in sequence that are alike in all
// that fork asks, one look tells of all of them; where entries are alike and their pages in no
// order, what is asked of an entry is asked once. What comes out is what copy_present_pte does to
// each.
#pragma once

#include <cstdint>

#include "impl/pte.h"

namespace cow::impl {

inline constexpr unsigned kRun = 8;
// Where no run begins, so many go one by one before the next is looked for.
inline constexpr unsigned kBetweenRuns = 4 * kRun;

// Shares the entries src[0 .. m) into dst and returns m <= n, 0 where each must be looked at;
// `states` is the state word of frame 0 (impl/frames.h).
//
// Of these entries all differ in nothing but the frame, and have nothing left for hardware to set
// (with `alone` true there is no hardware beside); all pages are anonymous. With `alone` false the
// pages must be the parent's own, one entry each: then nobody else changes their state (the owner's
// privilege).
//
// REQUIRES: the lock of the table of src, no fast GUP that this fork does not know of (the sequence
// count is odd). Each eight-byte lane of a vector is read and written as one, so a walk beside it
// sees an entry before or after.
unsigned share_run(Pte* src, Pte* dst, std::uint32_t* states, unsigned n, bool wrprotects,
                   bool alone);

// Of `pages`, which nobody maps any more but by the entry that is counted, the longest beginning in
// runs of kRun that go in sequence and are anonymous, mapped once and held for that alone: they
// become free frames, each a link to the one before it, the first to `chain`. Returns how many.
unsigned free_run(const FrameNo* pages, std::uint32_t* states, const std::uint32_t* held,
                  unsigned n, FrameNo chain);

// The same for pages that stay, as others map them: one entry less of each. REQUIRES: no other
// thread.
unsigned leave_run(const FrameNo* pages, std::uint32_t* states, unsigned n);

}  // namespace cow::impl

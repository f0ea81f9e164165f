// Many entries in one go come to what each comes to by itself: fork's rule for one entry, written
// out here once more.
#include "impl/share_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include "impl/detail/entry.h"
#include "impl/frames.h"

namespace cow::impl {
namespace {

using F = Frames<OneThread>;
constexpr F::State kOwnPage = F::state_of(Kind::anon) | F::kExclusiveState | 1;
constexpr Pte kWritten = kPresent | kUser | kNoExec | kAccessed | kDirty | kSoftDirty | kWrite;
constexpr unsigned kEntries = 96;

struct Table {
  std::vector<Pte> src = std::vector<Pte>(kEntries), dst = src;
  std::vector<F::State> states = std::vector<F::State>(kEntries + 1, F::state_of(Kind::zero));
  bool operator==(const Table&) const = default;
};

// FORK-2 FORK-4 FORK-6 CNT-1
void share_one(Table& t, unsigned i, bool wrprotects) {
  const Pte e = t.src[i];
  F::State& state = t.states[pte_frame(e)];
  state = (state & ~F::kExclusiveState) + 1;
  if (wrprotects) t.src[i] = e & ~kWrite;
  t.dst[i] = t.src[i] & ~kAccessed;
}

Table in_order(bool in_sequence, std::mt19937& random) {
  Table t;
  std::vector<FrameNo> frames(kEntries);
  std::iota(frames.begin(), frames.end(), 1);
  if (!in_sequence) std::shuffle(frames.begin(), frames.end(), random);
  for (unsigned i = 0; i < kEntries; ++i) {
    t.src[i] = Pte{frames[i]} << kFrameShift | kWritten;
    t.states[frames[i]] = kOwnPage;
  }
  return t;
}

// As fork goes on where a run ends: by itself, one entry.
unsigned share_all(Table& t, bool wrprotects, bool alone) {
  unsigned in_runs = 0;
  for (unsigned i = 0; i < kEntries;) {
    const unsigned run =
        share_run(&t.src[i], &t.dst[i], t.states.data(), kEntries - i, wrprotects, alone);
    in_runs += run;
    i += run;
    if (run == 0) {
      if (pte_present(t.src[i]) && !pte_special(t.src[i])) share_one(t, i, wrprotects);
      ++i;
    }
  }
  return in_runs;
}

TEST(ShareRun, ComesToWhatEachEntryComesTo) {
  std::mt19937 random(1);
  for (unsigned round = 0; round < 2000; ++round) {
    const bool wrprotects = round % 2 == 0, alone = round % 4 < 2;
    Table t = in_order(round % 8 < 4, random);
    // Some entries and pages unlike the rest, more of them in later rounds.
    for (unsigned odd = random() % (1 + round / 100); odd > 0; --odd) {
      Pte& e = t.src[random() % kEntries];
      if (e == 0) continue;
      switch (random() % 6) {
        case 0: e &= ~kAccessed; break;
        case 1: e &= ~(kDirty | kWrite); break;
        case 2: t.states[pte_frame(e)] += 1; break;
        case 3: t.states[pte_frame(e)] &= ~F::kExclusiveState; break;
        case 4: t.states[pte_frame(e)] = F::state_of(Kind::file) | 1; break;
        case 5: e = 0; break;
      }
    }
    Table one_by_one = t;
    for (unsigned i = 0; i < kEntries; ++i)
      if (pte_present(one_by_one.src[i])) share_one(one_by_one, i, wrprotects);
    share_all(t, wrprotects, alone);
    ASSERT_EQ(t, one_by_one) << round;
  }
}

#ifndef __SANITIZE_THREAD__
TEST(ShareRun, TakesAllWhereAllAreAlike) {
  std::mt19937 random(2);
  for (const bool in_sequence : {true, false})
    for (const bool alone : {true, false}) {
      Table t = in_order(in_sequence, random);
      EXPECT_EQ(share_all(t, true, alone), kEntries) << in_sequence << alone;
    }
}
#endif

// What hardware or another address space may change beside, is left to who takes care.
TEST(ShareRun, BesideOthersTakesOwnPagesAlone) {
  std::mt19937 random(3);
  for (const bool in_sequence : {true, false}) {
    Table shared = in_order(in_sequence, random);
    for (F::State& s : shared.states) s += 1;
    EXPECT_EQ(share_run(shared.src.data(), shared.dst.data(), shared.states.data(), kEntries, true,
                        false),
              0u);
    Table unseen = in_order(in_sequence, random);
    for (Pte& e : unseen.src) e &= ~kDirty;
    EXPECT_EQ(share_run(unseen.src.data(), unseen.dst.data(), unseen.states.data(), kEntries, true,
                        false),
              0u);
  }
}

}  // namespace
}  // namespace cow::impl

// What an access came to, from its faults and entries.
#include "kernel/outcomes.h"

#include <gtest/gtest.h>

namespace cow::kernel {
namespace {

constexpr Entry kNothing{};
constexpr Entry kAnon{true, false, true, 7}, kOther{true, false, true, 8};
constexpr Entry kCache{true, true, false, 9};

Access written(Entry before, Entry after) {
  Access a;
  a.write = true;
  a.faults = 1;
  a.before = before;
  a.after = after;
  return a;
}
Access read(Entry before, Entry after) {
  Access a = written(before, after);
  a.write = false;
  return a;
}

TEST(Outcomes, WithoutFaultIsAHit) {
  Access a = written(kAnon, kAnon);
  a.faults = 0;
  for (const Sight s : {Sight::contents, Sight::bits, Sight::frames})
    EXPECT_EQ(outcomes_of(a, s), any_of(Outcome::hit));
}

TEST(Outcomes, OfPrivateWrites) {
  EXPECT_EQ(outcomes_of(written(kNothing, kAnon), Sight::frames), any_of(Outcome::fresh));
  EXPECT_EQ(outcomes_of(written(kAnon, kAnon), Sight::frames), any_of(Outcome::reused));
  EXPECT_EQ(outcomes_of(written(kAnon, kOther), Sight::frames), any_of(Outcome::copied));
  Access file = written(kNothing, kAnon);
  file.file = true;
  EXPECT_EQ(outcomes_of(file, Sight::frames), any_of(Outcome::copied));
}

TEST(Outcomes, OfSharedWrites) {
  Access a = written(kCache, kCache);
  a.shared = true;
  EXPECT_EQ(outcomes_of(a, Sight::frames), any_of(Outcome::enabled));
}

TEST(Outcomes, OfReads) {
  Access zero = read(kNothing, kAnon);
  zero.zero = true;
  EXPECT_EQ(outcomes_of(zero, Sight::frames), any_of(Outcome::zero));
  EXPECT_EQ(outcomes_of(read(kNothing, kCache), Sight::frames), any_of(Outcome::filled));
}

TEST(Outcomes, AFaultThatNoOutcomeStandsFor) {
  EXPECT_EQ(outcomes_of(read(kNothing, kAnon), Sight::frames), 0);  // an anonymous page, not zero
  EXPECT_EQ(outcomes_of(read(kCache, kCache), Sight::frames), 0);   // it was there
  EXPECT_EQ(outcomes_of(written(kAnon, kNothing), Sight::frames), 0);
  EXPECT_EQ(print(0), "a fault that no outcome stands for");
}

TEST(Outcomes, WhatIsNotSeenIsNotTold) {
  EXPECT_EQ(outcomes_of(written(kAnon, kOther), Sight::bits),
            any_of(Outcome::copied, Outcome::reused));
  EXPECT_EQ(print(outcomes_of(written(kNothing, kNothing), Sight::contents)),
            "{fresh,copied,reused}");
}

}  // namespace
}  // namespace cow::kernel

// The lockstep notices what a machine does differently, and nothing else.
#include "judge/lockstep.h"

#include <gtest/gtest.h>

#include "impl/machine.h"
#include "logic/show.h"
#include "steps.h"

namespace cow::judge {
namespace {

using spec::Specification;

// A specification that lies in one place.
struct Liar : Specification {
  using Specification::Specification;
  static inline int lie = 0;
  PteView pte(const Slot& s) const {
    PteView v = Specification::pte(s);
    if (lie == 1 && v.present) v.writable = !v.writable;
    return v;
  }
  PageView page(Frame f) const {
    PageView v = Specification::page(f);
    if (lie == 2) ++v.mapcount;
    return v;
  }
  Rss rss(Pid p) const {
    Rss v = Specification::rss(p);
    if (lie == 3) ++v.anon;
    return v;
  }
  std::uint32_t allocated(Kind kind) const {
    return Specification::allocated(kind) + (lie == 4 ? 1 : 0);
  }
  Frame frame_of(Ref r) const { return lie == 5 ? kNoFrame : Specification::frame_of(r); }
  Result run(const Step& step) {
    Result r = Specification::run(step);
    if (lie == 6 && r.has_value) ++r.value;
    return r;
  }
};

Disagreements take(const std::vector<Step>& steps) {
  Lockstep<Specification, Liar> both({}, *find_rules("5.14"));
  Disagreements out;
  for (const Step& s : steps)
    for (const Disagreement& d : both.step(s).disagreements) out.push_back(d);
  return out;
}

TEST(Lockstep, NoticesEachKindOfDifference) {
  const std::vector<Step> steps = {map(P0, a, 1), write(P0, a, 1), pin(P0, k, a, Prot::ro, true),
                                   read(P0, a)};
  Liar::lie = 0;
  EXPECT_TRUE(take(steps).empty());
  const std::vector<std::string> clauses = {kSameEntry,  kSamePage,      kSameCounts,
                                            kSameCounts, kSameReference, kSameOutcome};
  for (int lie = 1; lie <= 6; ++lie) {
    Liar::lie = lie;
    const Disagreements found = take(steps);
    ASSERT_FALSE(found.empty()) << lie;
    EXPECT_EQ(found.front().clause, clauses[static_cast<std::size_t>(lie - 1)]) << lie;
  }
  Liar::lie = 0;
}

TEST(Lockstep, PairsFramesOneToOne) {
  FramePairs pairs;
  pairs.next_step();
  EXPECT_EQ(pairs.pair(Frame{1}, Frame{7}), FramePairs::Pairing::fresh);
  EXPECT_EQ(pairs.pair(Frame{1}, Frame{7}), FramePairs::Pairing::known);
  EXPECT_EQ(pairs.pair(Frame{1}, Frame{8}), FramePairs::Pairing::broken);
  EXPECT_EQ(pairs.pair(Frame{2}, Frame{7}), FramePairs::Pairing::broken);
  EXPECT_EQ(pairs.right_of(Frame{1}), Frame{7});
  pairs.next_step();
  EXPECT_EQ(pairs.pair(Frame{1}, Frame{8}), FramePairs::Pairing::broken);
  pairs.next_step();
  pairs.next_step();
  EXPECT_EQ(pairs.pair(Frame{1}, Frame{9}), FramePairs::Pairing::fresh);
}

TEST(Lockstep, SeesAWrittenZeroPage) {
  Lockstep<Specification, Specification> both({}, *find_rules("5.14"));
  both.step(map(P0, a, 1));
  both.step(read(P0, a));
  const_cast<Specification&>(both.spec()).m.page[Frame{0}].data[2] = 1;
  const_cast<Specification&>(both.impl()).m.page[Frame{0}].data[2] = 1;
  const Told told = both.step(read(P0, a));
  ASSERT_FALSE(told.disagreements.empty());
  EXPECT_EQ(told.disagreements.front().clause, "ZERO-2");
}

TEST(Lockstep, SeesAByteThatTheIdealMachineDoesNotHave) {
  Lockstep<Specification, Specification> both({}, *find_rules("5.14"));
  both.step(map(P0, a, 1));
  both.step(write(P0, a, 3));
  const Frame f = both.spec().pte({P0, a, 0}).frame;
  const_cast<Specification&>(both.spec()).m.page[f].data[0] = 4;
  const_cast<Specification&>(both.impl()).m.page[f].data[0] = 4;
  const Told told = both.step(read(P0, a));
  ASSERT_EQ(told.disagreements.size(), 1u);
  EXPECT_EQ(told.disagreements.front().clause, kIdealValue);
}

TEST(Lockstep, GoesOnWithTheImplementationAloneAfterATableFailure) {
  Lockstep<Specification, impl::Machine> both({}, *find_rules("5.14"));
  EXPECT_EQ(both.step(map(P0, a, 1)).result.outcome, Outcome::ok);
  both.step(write(P0, a, 1));
  both.step(fail(Op::sys_fail_table, 1));
  EXPECT_FALSE(both.spec_has_left());
  EXPECT_EQ(both.step(fork(P0, P1)).result.outcome, Outcome::oom);
  EXPECT_TRUE(both.spec_has_left());
  EXPECT_EQ(both.step(read(P1, a)).result.outcome, Outcome::nosuch);
  EXPECT_EQ(both.step(fork(P0, P1)).result.outcome, Outcome::ok);
  EXPECT_EQ(both.step(write(P0, a, 2)).result.outcome, Outcome::copied);
  const Told told = both.step(read(P1, a));
  EXPECT_EQ(told.result.value, 1);
  EXPECT_TRUE(told.disagreements.empty());
  EXPECT_TRUE(both.finish().empty());
}

TEST(Lockstep, LeavesALargeRegionsUntouchedPagesAlone) {
  Lockstep<Specification, impl::Machine> both({}, *find_rules("6.15"));
  both.step(map(P0, a, kMaxPages));
  both.step(write(P0, a, 1, kMaxPages - 1));
  both.step(fork(P0, P1));
  EXPECT_EQ(both.entries().size(), 2u);
  EXPECT_TRUE(both.step(write(P1, a, 2, kMaxPages - 1)).disagreements.empty());
}

TEST(Lockstep, ComparesALargeMachineNowAndThenAndAtTheEnd) {
  Lockstep<Specification, Liar> both({}, *find_rules("5.14"));
  Liar::lie = 0;
  both.step(map(P0, a, kMaxPages));
  for (std::uint32_t page = 0; page < 3 * kManyEntries; ++page) {
    ASSERT_TRUE(both.step(write(P0, a, 1, page)).disagreements.empty()) << page;
    ASSERT_TRUE(both.step(write(P0, a, 2, page)).disagreements.empty()) << page;
  }
  EXPECT_TRUE(both.finish().empty());
  Liar::lie = 1;
  Disagreements found;
  for (int i = 0; i < 3; ++i)
    for (const Disagreement& d : both.step(read(P0, a)).disagreements) found.push_back(d);
  Liar::lie = 0;
  EXPECT_FALSE(found.empty());
}

}  // namespace
}  // namespace cow::judge

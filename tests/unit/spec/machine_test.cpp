// The specification through its steps: the scenarios of both source articles, and what fork copies.
#include "spec/machine.h"

#include <gtest/gtest.h>

#include "logic/check.h"
#include "logic/show.h"
#include "steps.h"

namespace cow::spec {
namespace {

class OnEveryRule : public testing::TestWithParam<Rules> {
 protected:
  Specification machine{cow::Setup{.files = {{.pages = 1, .value = 9}}, .frames = kEnoughFrames},
                        GetParam()};
  Check<Concrete> check{machine.m};

  Outcome go(const Step& step) {
    const Result r = machine.run(step);
    for (const Broken& b : check.run()) ADD_FAILURE() << b.clause << " " << b.witness;
    return r.outcome;
  }
  int read(Pid p) {
    const Result r = machine.run({.op = Op::read, .process = p});
    return r.has_value ? r.value : -1;
  }
};

TEST_P(OnEveryRule, ForkThenWriteCopiesOnceAndTheLastSharerReuses) {
  EXPECT_EQ(go(kMap), Outcome::ok);
  EXPECT_EQ(go(write(kParent, 1)), Outcome::fresh);
  EXPECT_EQ(go(kFork), Outcome::ok);
  EXPECT_FALSE(machine.pte({kParent, Region{0}, 0}).writable);
  EXPECT_EQ(go(write(kParent, 2)), Outcome::copied);
  EXPECT_EQ(read(kChild), 1);
  EXPECT_EQ(go(write(kChild, 3)), Outcome::reused);
  EXPECT_EQ(read(kParent), 2);
}

TEST_P(OnEveryRule, AnonymousMemoryReadThenWrittenLeavesTheZeroPage) {
  go(kMap);
  EXPECT_EQ(go({.op = Op::read}), Outcome::zero);
  EXPECT_EQ(go(write(kParent, 7)), Outcome::copied);
  EXPECT_EQ(machine.page(machine.m.zero_page()).cells, (std::array<std::uint8_t, kCells>{}));
  EXPECT_EQ(machine.rss(kParent).anon, 1u);
}

TEST_P(OnEveryRule, PrivateFileReadThenWrittenLeavesTheFile) {
  Step map = kMap;
  map.backing = Backing::file;
  go(map);
  EXPECT_EQ(go({.op = Op::read}), Outcome::filled);
  const Frame cache = machine.pte({kParent, Region{0}, 0}).frame;
  EXPECT_EQ(go(write(kParent, 4)), Outcome::copied);
  EXPECT_EQ(machine.page(cache).cells[0], 9);
  EXPECT_EQ(machine.rss(kParent), (Rss{.anon = 1, .file = 0, .shmem = 0}));
}

TEST_P(OnEveryRule, AFailedCopyChangesNothingAndTheNextTrySucceeds) {
  go(kMap), go(write(kParent, 1)), go(kFork);
  const PteView before = machine.pte({kParent, Region{0}, 0});
  go({.op = Op::sys_fail_alloc, .count = 1});
  EXPECT_EQ(go(write(kParent, 2)), Outcome::oom);
  EXPECT_EQ(machine.pte({kParent, Region{0}, 0}), before);
  EXPECT_EQ(machine.page(before.frame).refcount, 2u);
  EXPECT_EQ(go(write(kParent, 2)), Outcome::copied);
}

TEST_P(OnEveryRule, ForkCopiesNothingOfAnAreaThatWasOnlyRead) {
  go(kMap), go({.op = Op::read}), go(kFork);
  EXPECT_FALSE(machine.pte({kChild, Region{0}, 0}).present);
}

TEST_P(OnEveryRule, APinnedPageIsCopiedAtForkFrom59On) {
  go(kMap), go(write(kParent, 1));
  EXPECT_EQ(go({.op = Op::pin, .prot = Prot::rw}), Outcome::ok);
  go(kFork);
  const bool apart =
      machine.pte({kParent, Region{0}, 0}).frame != machine.pte({kChild, Region{0}, 0}).frame;
  EXPECT_EQ(apart, GetParam().name != "5.7");
  EXPECT_EQ(machine.pte({kParent, Region{0}, 0}).writable, apart);
}

INSTANTIATE_TEST_SUITE_P(Rules, OnEveryRule, testing::ValuesIn(kRules), [](const auto& rule) {
  std::string name = "rule_";
  for (const char c : rule.param.name) name += c == '.' ? '_' : c;
  return name;
});

TEST(Machine, AreasOfAHugeRegionCostNothingUntilTouched) {
  Specification machine(cow::Setup{}, kRules[1]);
  machine.run({.op = Op::map, .count = kMaxPages});
  Step last{.op = Op::write, .first = kMaxPages - 1, .last = kMaxPages - 1, .value = 5};
  EXPECT_EQ(machine.run(last).outcome, Outcome::fresh);
  EXPECT_EQ(machine.run({.op = Op::protect, .last = kMaxPages - 1, .prot = Prot::ro}).outcome,
            Outcome::ok);
  EXPECT_EQ(machine.run(last).outcome, Outcome::segv);
  EXPECT_EQ(machine.allocated(Kind::anon), 1u);
}

}  // namespace
}  // namespace cow::spec

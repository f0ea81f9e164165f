// Why the proof of 5.7 and 5.14 leaves out that a page is swapped out, kept by a write that swaps
// it in, and swapped out again while another thread copies it: the copier finds the entry that it
// knew, and its switch loses the write. From 5.18 the copier's reference forbids that the page is
// kept.
#include <gtest/gtest.h>

#include "spec/machine.h"

namespace cow::spec {
namespace {

struct Kernel : Machine<> {
  using Machine<>::Machine;
  static constexpr Slot page{Pid{0}, Region{0}, 0};
  static constexpr ThreadId copier{9};

  Result step(Op op, std::uint8_t value = 0) {
    Step s;
    s.op = op;
    s.count = 1;
    s.value = value;
    s.child = Pid{1};
    return run(s);
  }
  void child_exits() {
    Step s;
    s.op = Op::exit;
    s.process = Pid{1};
    run(s);
  }
};

class SwappedWhileCopied : public testing::TestWithParam<Rules> {};

TEST_P(SwappedWhileCopied, LosesAWriteWhereSwapInIgnoresReferences) {
  Kernel kernel(cow::Setup{}, GetParam());
  kernel.step(Op::map);
  kernel.step(Op::write, 1);
  kernel.step(Op::sys_swapout);
  kernel.step(Op::read);  // a clean entry
  kernel.step(Op::fork);
  kernel.step(Op::read);
  ASSERT_FALSE(handle_pte_fault(kernel.m, Kernel::copier, Kernel::page, Access::write));
  ASSERT_TRUE(wp_copy_contents(kernel.m, Kernel::copier));
  kernel.child_exits();
  kernel.step(Op::sys_swapout);
  kernel.step(Op::write, 7);
  kernel.step(Op::sys_swapout);
  ASSERT_EQ(kernel.step(Op::read).value, 7);
  const bool switched = wp_copy_switch(kernel.m, Kernel::copier);
  EXPECT_EQ(switched, GetParam().swapin_ignores_references);
  EXPECT_EQ(kernel.step(Op::read).value, switched ? 1 : 7);
}

INSTANTIATE_TEST_SUITE_P(EveryRuleSet, SwappedWhileCopied, testing::ValuesIn(kRules));

}  // namespace
}  // namespace cow::spec

// What tracepoints say of an access: the text that the kernel gives, and what is concluded from it.
#include "kernel/events.h"

#include <gtest/gtest.h>

#include "kernel/compare.h"

namespace cow::kernel {
namespace {

constexpr std::uint64_t kAt = 0x200000000400;
constexpr std::string_view kCopied =
    "             cow-25990   [001] d.... 191.076604: page_fault_user: address=0x200000000400 "
    "ip=0x55aabfa025cd error_code=0x7\n"
    "             cow-25990   [001] ..... 191.076612: mm_page_alloc: page=000000002b02ee14 "
    "pfn=0x228101 order=0 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE|__GFP_COMP\n";

TEST(Events, AFaultAndItsPage) {
  const Happened h = happened(kCopied, 25990, kAt);
  EXPECT_EQ(h.faults, 1u);
  EXPECT_EQ(h.allocated, 1u);
  EXPECT_EQ(h.frame, 0x228101u);
  EXPECT_EQ(h.frames, 1u);
}

TEST(Events, OfOtherPagesAndProcessesIsNotTheAccess) {
  for (const Happened& h : {happened(kCopied, 25991, kAt), happened(kCopied, 25990, kAt + 4096)}) {
    EXPECT_EQ(h.faults, 0u);
    EXPECT_EQ(h.allocated, 0u);
  }
  // A fault of the kernel in between has pages of its own.
  std::string text(kCopied);
  text.insert(text.find('\n') + 1,
              " cow-25990 [001] d.... 191.0: page_fault_kernel: address=0x7fa1983d2a10 ip=x\n");
  EXPECT_EQ(happened(text, 25990, kAt).faults, 1u);
  EXPECT_EQ(happened(text, 25990, kAt).allocated, 0u);
}

TEST(Events, ByForceTheCallNamesThePage) {
  const Happened plain = happened(
      " cow-12 [000] ..... 1.0: sys_enter: NR 18 (3, 55aabfa03253, 1, 200000000400, ff, 0)\n"
      " cow-12 [000] ..... 1.0: mm_page_alloc: page=0 pfn=99 order=2 migratetype=1\n",
      12, kAt);
  EXPECT_EQ(plain.faults, 0u);
  EXPECT_EQ(plain.allocated, 1u);
  EXPECT_EQ(plain.frame, 99u);
  EXPECT_EQ(plain.frames, 4u);
}

TEST(Events, LostOnesAreTold) {
  EXPECT_FALSE(happened(kCopied, 25990, kAt).lost);
  EXPECT_TRUE(happened("CPU:1 [LOST 3 EVENTS]\n", 25990, kAt).lost);
}

// On this kernel, where its tracepoints can be had: the events are there, and they are the
// access's.
TEST(Events, OfThisKernel) {
  if (probe_sight().sight != Sight::frames) GTEST_SKIP() << "frames cannot be seen";
  std::optional<Window> window;
  try {
    window.emplace(Sight::events);
  } catch (const NoTracing& e) {
    GTEST_SKIP() << e.what();
  }
  constexpr Region kA{0};
  const auto at = [](Op op, Pid p) {
    return Step{.op = op, .process = p, .region = kA, .value = 1};
  };
  const std::vector<Step> steps = {{.op = Op::map, .region = kA, .count = 1},
                                   at(Op::read, Pid{0}),   // zero
                                   at(Op::write, Pid{0}),  // copied
                                   at(Op::write, Pid{0}),  // hit
                                   {.op = Op::fork, .child = Pid{1}},
                                   at(Op::force_write, Pid{1}),  // copied
                                   at(Op::write, Pid{0})};       // reused
  const std::vector<Happened> wanted = {{}, {1, 0, 0, 0, false}, {1, 1, 0, 1, false}, {},
                                        {}, {0, 1, 0, 1, false}, {1, 0, 0, 0, false}};
  References references;
  const Plan plan = plan_of(steps);
  Stage stage({}, plan, references, *window, std::chrono::seconds(5));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Seen seen = stage.run(steps[i]);
    if (steps[i].op != Op::read && steps[i].op != Op::write && steps[i].op != Op::force_write)
      continue;
    ASSERT_TRUE(seen.events) << i;
    EXPECT_EQ(seen.events->faults, wanted[i].faults) << i;
    EXPECT_EQ(seen.events->allocated, wanted[i].allocated) << i;
    if (wanted[i].allocated == 1) {
      EXPECT_EQ(seen.events->frame, seen.after.frame) << i;
    }
  }
}

// P0 writes a page and forks; then it writes again, and so does the child.
class Judged : public testing::Test {
 protected:
  static constexpr Region kA{0};
  static Step write(Pid p) { return {.op = Op::write, .process = p, .region = kA, .value = 1}; }

  Judged() {
    for (const Step& s : steps_) spec_.run(s);
  }
  // What the specification's outcome of the next step is judged to be beside these events.
  std::optional<Disagreement> judge(const Step& step, const Happened& events) {
    comparison_.before(step);
    const Result want = spec_.run(step);
    Seen seen;
    seen.outcomes = any_of(want.outcome);
    seen.after = Entry{true, false, true, 7};
    seen.events = events;
    return comparison_.answers(step, want, seen);
  }

  std::vector<Step> steps_{
      {.op = Op::map, .region = kA, .count = 2}, write(Pid{0}), {.op = Op::fork, .child = Pid{1}}};
  Plan plan_ = plan_of(steps_);
  spec::Specification spec_{cow::Setup{}, kRules.back()};
  Window window_{Sight::contents};
  Comparison comparison_{plan_, spec_, window_};
};

TEST_F(Judged, ACopyAllocatesThePageThatIsMapped) {
  EXPECT_FALSE(judge(write(Pid{0}), {1, 1, 7, 1, false}));
}
TEST_F(Judged, ACopyThatIsNone) {
  const auto d = judge(write(Pid{0}), {1, 0, 0, 0, false});
  ASSERT_TRUE(d);
  EXPECT_EQ(d->sort, Sort::missed_copy);
}
TEST_F(Judged, AnotherPageThanTheOneAllocated) {
  EXPECT_TRUE(judge(write(Pid{0}), {1, 1, 8, 1, false}));
}
TEST_F(Judged, AReuseAllocatesNothing) {
  EXPECT_FALSE(judge(write(Pid{0}), {1, 1, 7, 1, false}));
  EXPECT_FALSE(judge(write(Pid{1}), {1, 0, 0, 0, false}));
}
TEST_F(Judged, AReuseThatAllocates) {
  EXPECT_FALSE(judge(write(Pid{0}), {1, 1, 7, 1, false}));
  const auto d = judge(write(Pid{1}), {1, 1, 7, 1, false});
  ASSERT_TRUE(d);
  EXPECT_EQ(d->sort, Sort::stray_copy);
}
TEST_F(Judged, AHitHasNoFaultAndAFaultHasOne) {
  EXPECT_FALSE(judge(write(Pid{0}), {1, 1, 7, 1, false}));
  EXPECT_TRUE(judge(write(Pid{0}), {1, 0, 0, 0, false}));  // a hit
  EXPECT_TRUE(judge(write(Pid{1}), {0, 0, 0, 0, false}));  // a reuse
}
TEST_F(Judged, LostEventsAreNoProof) { EXPECT_TRUE(judge(write(Pid{0}), {1, 1, 7, 1, true})); }

}  // namespace
}  // namespace cow::kernel

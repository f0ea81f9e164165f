#include "laws/shrink.h"

#include <gtest/gtest.h>

#include "laws/random.h"

namespace cow::laws {
namespace {

// Fails once a page has been written and then its process forked.
std::size_t write_then_fork(const Case& test) {
  bool written[4] = {};
  for (std::size_t i = 0; i < test.steps.size(); ++i) {
    const Step& s = test.steps[i];
    if (s.op == Op::write) written[index(s.process)] = true;
    if (s.op == Op::fork && written[index(s.process)]) return i + 1;
  }
  return 0;
}

std::vector<Case> failing_cases() {
  Random random(9);
  Decoder decoder(profile("everything"));
  std::vector<Case> cases;
  while (cases.size() < 20) {
    Words words(50);
    for (std::uint64_t& w : words) w = random.next();
    Case test;
    decoder.decode(words, 50, test);
    if (write_then_fork(test) > 0) cases.push_back(test);
  }
  return cases;
}

TEST(Shrink, LeavesWhatIsNeededInItsSimplestForm) {
  for (const Case& test : failing_cases()) {
    const Case small = shrink(test, write_then_fork);
    ASSERT_EQ(small.steps.size(), 2u);
    EXPECT_EQ(small.steps[0].op, Op::write);
    EXPECT_EQ(small.steps[0].process, Pid{0});
    EXPECT_EQ(small.steps[0].region, Region{0});
    EXPECT_EQ(small.steps[0].first, 0u);
    EXPECT_EQ(small.steps[1].op, Op::fork);
    EXPECT_EQ(small.setup.frames, kEnoughFrames);
    EXPECT_TRUE(small.setup.files.empty());
  }
}

// Fails once a page has been moved and then something written where it went.
std::size_t write_where_moved(const Case& test) {
  for (std::size_t i = 0; i < test.steps.size(); ++i)
    for (std::size_t j = i + 1; j < test.steps.size(); ++j)
      if (test.steps[i].op == Op::remap && test.steps[j].op == Op::write &&
          test.steps[j].region == test.steps[i].to)
        return j + 1;
  return 0;
}

TEST(Shrink, NamesOfBothPlacesBecomeSimple) {
  for (const Case& test : failing_cases()) {
    if (write_where_moved(test) == 0) continue;
    const Case small = shrink(test, write_where_moved);
    ASSERT_EQ(small.steps.size(), 2u);
    EXPECT_EQ(small.steps[0].op, Op::remap);
    EXPECT_EQ(small.steps[0].to, Region{0});
    EXPECT_EQ(small.steps[0].last, 0u);
    EXPECT_EQ(small.steps[1].region, Region{0});
  }
}

TEST(Shrink, IsTheSameEachTime) {
  for (const Case& test : failing_cases()) {
    const Case once = shrink(test, write_then_fork), twice = shrink(test, write_then_fork);
    EXPECT_EQ(once.steps, twice.steps);
    EXPECT_EQ(shrink(once, write_then_fork).steps, once.steps);
  }
}

}  // namespace
}  // namespace cow::laws

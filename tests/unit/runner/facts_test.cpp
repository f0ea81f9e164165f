// What assert lines find, as said in a trace.
#include "runner/facts.h"

#include <gtest/gtest.h>

#include "runner/run.h"
#include "traces.h"

namespace cow::runner {
namespace {

// Every assert in the text holds under every rule set.
void all_hold(const std::string& text) {
  const trace::Trace trace = trace_of(text);
  for (std::size_t i = 0; i < kRules.size(); ++i)
    for (const Failure& f : run(trace, i).failures)
      ADD_FAILURE() << kRules[i].name << " line " << f.line << ": expected " << f.expected
                    << ", seen " << f.seen;
}
// What the last assert found, where it does not hold.
std::string seen(const std::string& text) {
  const runner::Run r = run(trace_of(text), rule("6.15"));
  return r.failures.empty() ? "as expected" : r.failures.back().seen;
}

TEST(Facts, OfAPage) {
  all_hold(
      "P0 map a anon private 1\nP0 write a = 1\nP0 pin k a rw\nP0 pin l a ro get\nsys ref P0.a\n"
      "assert mapcount P0.a = 1\nassert refcount P0.a = 1027\nassert pins P0.a = 1\n"
      "assert exclusive P0.a = 5.7:no 5.14:no 5.18:no *:yes\nassert kind P0.a = anon\n"
      "assert swapcount P0.a = 0\nassert huge P0.a = no\n");
}

TEST(Facts, OfAnEntry) {
  all_hold(
      "P0 map a anon private 2\nP0 write a = 1\nP0 fork P1\n"
      "assert writable P0.a = no\nassert dirty P1.a = yes\nassert young P0.a = yes\n"
      "assert young P1.a = no\nassert frame P0.a == P1.a\nassert kind P0.a[1] = none\n"
      "P1 write a = 2\nassert frame P0.a != P1.a\nassert writable P1.a = yes\n");
}

TEST(Facts, OfTheZeroPage) {
  const std::string text = "P0 map a anon private 1\nP0 read a\n";
  all_hold(text +
           "assert kind P0.a = zero\nassert mapcount P0.a = 0\nassert pins P0.a = 0\n"
           "assert rss P0 anon = 0\nassert pages anon = 0\nassert refcount P0.a = -\n");
  EXPECT_EQ(seen(text + "assert refcount P0.a = 1"), "the zero page, which has no stated refcount");
}

TEST(Facts, ValuesAreWhatAReadWouldSee) {
  const std::string text =
      "file F 1 = 9\nP0 map f file:F private 2\nP0 map a anon private 1\nP0 map s anon shared 1\n";
  all_hold(text +
           "assert P0.f = 9\nassert P0.a.3 = 0\nP0 write s = 4\nP0 advise s dontneed\n"
           "assert P0.s = 4\nP0 write a = 5\nP0 protect a ro\nassert P0.a = 5\n");
  EXPECT_EQ(seen(text + "assert P0.f[1] = 9"), "no access");  // past the file's end
  EXPECT_EQ(seen(text + "P0 protect a none\nassert P0.a = 0"), "no access");
  EXPECT_EQ(seen(text + "P0 unmap a\nassert P0.a = 0"), "nothing mapped");
  EXPECT_EQ(seen(text + "assert P1.a = 0"), "nothing mapped");
  EXPECT_EQ(seen(text + "assert P0.a = {0,1}"), "as expected");
}

TEST(Facts, AskingTakesNoFault) {
  all_hold(
      "file F 1 = 9\nP0 map f file:F private 1\nassert P0.f = 9\nassert kind P0.f = none\n"
      "assert pages file = 0\nP0 read f -> filled\nassert rss P0 file = 1\n");
}

TEST(Facts, FailWhereNothingIsMapped) {
  const std::string text = "P0 map a anon private 1\n";
  for (const char* fact :
       {"mapcount P0.a = 0", "refcount P0.a = 0", "pins P0.a = 0", "writable P0.a = no",
        "dirty P0.a = no", "exclusive P0.a = no", "frame P0.a == P0.a", "frame P0.a != P0.a"})
    EXPECT_EQ(seen(text + "assert " + fact), "nothing mapped") << fact;
  EXPECT_EQ(seen(text + "assert kind P0.b = none"), "nothing mapped");
  EXPECT_EQ(seen(text + "assert rss P4 anon = 0"), "no such process");
}

}  // namespace
}  // namespace cow::runner

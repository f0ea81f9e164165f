// What no machine takes yet is read, printed back, and named.
#include "reading.h"

namespace cow::trace {
namespace {

std::string refusal(const std::string& text) {
  Trace trace = read_steps(text);
  trace.file = "t.cow";
  const std::optional<Error> error = first_unmodelled(trace);
  return error ? format(*error) : "modelled";
}

TEST(Unmodelled, IsNamedAtItsPlace) {
  EXPECT_EQ(refusal("P0 exit\nP0 lock a\n"), "t.cow:3:4: error: 'lock' is not modelled yet");
  EXPECT_EQ(refusal("P0 map a anon private 1 thp\n"),
            "t.cow:2:25: error: 'thp' is not modelled yet");
  EXPECT_EQ(refusal("P0 map a anon private 1 ro hugetlb\n"),
            "t.cow:2:28: error: 'hugetlb' is not modelled yet");
  EXPECT_EQ(refusal("P0 advise a pageout\n"), "t.cow:2:13: error: 'pageout' is not modelled yet");
  EXPECT_EQ(refusal("P0@1 lock a\n"), "t.cow:2:1: error: 'P0@1' is not modelled yet");
  EXPECT_EQ(refusal("sys ksm P0.a P1.a\n"), "t.cow:2:5: error: 'ksm' is not modelled yet");
  EXPECT_EQ(refusal("P0 read a = ?x\n"), "t.cow:2:13: error: '?x' is not modelled yet");
  EXPECT_EQ(refusal("par\nP0 exit\nend\n"), "t.cow:2:1: error: 'par' is not modelled yet");
  EXPECT_EQ(refusal("schedule 0\npar\nP0 exit\nend\n"),
            "t.cow:2:1: error: 'schedule' is not modelled yet");
  EXPECT_EQ(refusal("P0@0 exit\n"), "modelled");
}

TEST(Unmodelled, PrintsBack) {
  const std::string text =
      "name      t\n\n"
      "P0 map a anon private 512 thp\n"
      "P0 map b anon private 512 ro hugetlb\n"
      "P0 remap a[0..3] c        -> ok\n"
      "P0 lock a\n"
      "P0 unlock a[1]\n"
      "P0 uffd-wp a on\n"
      "P0 uffd-wp a off\n"
      "P0 advise a[0..1] free    -> {ok,inval}\n"
      "P0@1 read a = 3           -> swapped\n"
      "sys swapout P0.a          -> {ok,busy}\n"
      "sys migrate P0.a[2]\n"
      "sys ksm P0.a P1.a\n"
      "schedule 0 1 1 0\n"
      "par\n"
      "P0 read a = ?x            -> hit\n"
      "P0 write a = 1\n"
      "||\n"
      "P0@1 write a = 2\n"
      "end\n"
      "never ?x = 1 & ?x != 2 | ?x = 3\n"
      "sometimes ?x = 1\n"
      "always ?x != 4\n";
  EXPECT_EQ(print(read(text)), text);
  EXPECT_EQ(read(print(read(text))), read(text));
}

}  // namespace
}  // namespace cow::trace

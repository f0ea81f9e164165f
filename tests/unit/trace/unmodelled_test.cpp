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
  EXPECT_EQ(refusal("P0 exit\nsys fail table 1\npar\nP0 exit\nend\n"),
            "t.cow:3:1: error: 'sys fail table' in a trace with par is not modelled yet");
  EXPECT_EQ(refusal("schedule 0\npar\nP0@2 read a = ?x\nend\nnever ?x = 1\n"), "modelled");
  EXPECT_EQ(refusal("P0@0 exit\n"), "modelled");
  EXPECT_EQ(refusal("P0 remap a b\npar\nP0@1 lock a\n||\nP0 unlock a\nend\n"), "modelled");
}

TEST(Unmodelled, SwapMergingMigrationAndWriteProtectionAreNot) {
  for (const char* text :
       {"P0 uffd-wp a on\n", "P0@1 uffd-wp a[0..3] off\n", "P0 advise a pageout\n",
        "P0 advise a free\n", "P0 advise a mergeable\n", "P0 advise a collapse\n",
        "P0 advise a unmergeable\n", "sys swapout P0.a\n", "sys migrate P0.a[1]\n",
        "sys ksm P0.a P1.b[2]\n", "par\nP0 uffd-wp a on\n||\nP0@1 advise a pageout\nend\n"})
    EXPECT_EQ(refusal(text), "modelled") << text;
}

TEST(Unmodelled, HugePagesAreNot) {
  for (const char* text : {"P0 map a anon private 1 thp\n", "P0 map a anon private 512 ro thp\n",
                           "P0 map a anon private 512 ro hugetlb\n", "P0 advise a[0..1] hugepage\n",
                           "P0 advise a nohugepage\n"})
    EXPECT_EQ(refusal(text), "modelled") << text;
}

TEST(Unmodelled, PrintsBack) {
  const std::string text =
      "name      t\n\n"
      "P0 map a anon private 512 thp\n"
      "P0 map b anon private 512 ro hugetlb\n"
      "P0 uffd-wp a on\n"
      "P0 uffd-wp a[1..2] off    -> ok\n"
      "P0 advise a[0..1] free    -> {ok,inval}\n"
      "P0@1 uffd-wp a on\n"
      "P0 advise a pageout\n"
      "P0@1 advise a collapse    -> -\n"
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

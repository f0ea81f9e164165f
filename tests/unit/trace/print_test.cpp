// The canonical form.
#include "reading.h"

namespace cow::trace {
namespace {

TEST(Print, CanonicalTextPrintsToItself) {
  const std::string text =
      "name      t\n"
      "question  Is this canonical?\n"
      "clauses   ISO-1 REUSE-1\n"
      "rules     5.7 5.14 6.15\n"
      "verdict   5.7 missed,wrong\n"
      "verdict   5.14 6.15 none\n"
      "file      F 3 = 9\n"
      "frames    100\n"
      "\n"
      "P0 map a file:F private 3 at 1 ro\n"
      "P0 read a[1].2 = {1,2}    -> {hit,filled}\n"
      "P0 write a = 2            -> 5.7:reused *:copied\n"
      "P0 force-write a[2] = 255 -> 5.14:reused 6.15:hit\n"
      "P0@1 remap a[0..2] b      -> ok\n"
      "P0 lock b\n"
      "P0 unlock b[1]            -> {ok,segv}\n"
      "P1 pin k a ro get long fast -> ok\n"
      "k read = 5.7:2 *:1\n"
      "assert frame P0.a != P1.a[1]\n"
      "assert rss P0 anon = 1\n";
  EXPECT_EQ(print(read(text)), text);
}

TEST(Print, DefaultsAreNotSaid) {
  EXPECT_EQ(print(read("name t\nrules all\nverdict all none\nfile F 1 = 0\n"
                       "P0@0 map a anon private 1 rw\nP0 pin k a[0] ro pin slow\n")),
            "name      t\nfile      F 1\n\nP0 map a anon private 1\nP0 pin k a ro\n");
}

TEST(Print, StarIsWhatMostRuleSetsExpect) {
  const Trace trace = read_steps("P0 read a -> 5.7:hit 5.14:zero 5.18:zero 5.19:zero 6.15:hit\n");
  EXPECT_EQ(print(trace.items[0], trace.names),
            "P0 read a                 -> 5.7:hit 6.15:hit *:zero\n");
  const Trace mixed = read_steps("P0 read a = 5.7:1 5.14:1 *:2 -> 5.7:- 5.14:hit *:{zero}\n");
  EXPECT_EQ(print(mixed.items[0], mixed.names),
            "P0 read a = 5.7:1 5.14:1 *:2 -> 5.7:- 5.14:hit *:zero\n");
}

TEST(Print, OneVerdictForAllIsSaidOnce) {
  EXPECT_EQ(print(read("name t\nrules 5.7 5.14\nverdict 5.14 missed\nverdict 5.7 missed\n")),
            "name      t\nrules     5.7 5.14\nverdict   all missed\n");
}

TEST(Print, FromStepsNamesThingsAndNumbersThemAnew) {
  Step map;
  map.op = Op::map;
  map.process = Pid{3};
  map.region = Region{1};
  map.count = 2;
  map.cell = 3;  // not a field of map
  Step pin;
  pin.op = Op::pin;
  pin.process = Pid{0};
  pin.region = Region{26};
  pin.ref = Ref{4};
  Step remap{.op = Op::remap, .region = Region{2}, .to = Region{1}, .last = 1};
  remap.value = 3;  // not a field of remap
  const Step unlock{.op = Op::unlock, .region = Region{2}, .to = Region{7}, .first = 1, .last = 1};
  cow::Setup setup;
  setup.files = {{2, 7}};
  const Trace trace = from_steps("found", "What?", setup, {map, pin, remap, unlock});
  EXPECT_EQ(print(trace),
            "name      found\nquestion  What?\nfile      F0 2 = 7\n\n"
            "P3 map b anon private 2\nP0 pin k4 r26 rw\nP0 remap c[0..1] b\nP0 unlock c[1]\n");
  EXPECT_EQ(read(print(trace)), trace);
}

}  // namespace
}  // namespace cow::trace

// The hash names what is run and nothing else.
#include "trace/hash.h"

#include "reading.h"

namespace cow::trace {
namespace {

TEST(Hash, IsTheStartOfTheSha256) {
  EXPECT_EQ(short_sha256(""), "e3b0c44298fc");
  EXPECT_EQ(short_sha256("abc"), "ba7816bf8f01");
}

TEST(Hash, TextIsFileFramesAndSteps) {
  const Trace trace = read(
      "name t\nquestion Q?\nframes 9\nfile F 2 = 3\nfile G 1\nverdict 5.7 missed\n"
      "P0 map  a file:F private 1 rw # comment\nassert P0.a = 3\nP0@0 read a[0].0 = 3 -> filled\n"
      "P0 pin k a rw pin slow\n");
  EXPECT_EQ(hash_text(trace),
            "file F 2 = 3\nfile G 1\nframes 9\nP0 map a file:F private 1\nP0 read a\n"
            "P0 pin k a rw\n");
  EXPECT_EQ(hash(trace), short_sha256(hash_text(trace)));
}

TEST(Hash, ParBlocksAreStepsAndBindingsAreNot) {
  const Trace trace = read_steps(
      "schedule 0 1\npar\nP0 read a = ?x -> hit\n||\nP1 write a = 2 -> hit\nend\nnever ?x = 2\n");
  EXPECT_EQ(hash_text(trace), "schedule 0 1\npar\nP0 read a\n||\nP1 write a = 2\nend\n");
}

// As before the machines took these steps.
TEST(Hash, StepsThatMoveAndLockAreTheirText) {
  const Trace trace =
      read_steps("P0 remap a[0..1]  b -> ok\npar\nP0@1 lock b[0] -> ok\n||\nP0 unlock b\nend\n");
  EXPECT_EQ(hash_text(trace), "P0 remap a[0..1] b\npar\nP0@1 lock b\n||\nP0 unlock b\nend\n");
}

TEST(Hash, DiffersWithTheSteps) {
  EXPECT_NE(hash(read_steps("P0 exit\n")), hash(read_steps("P1 exit\n")));
  EXPECT_NE(hash(read_steps("frames 1\nP0 exit\n")), hash(read_steps("P0 exit\n")));
}

}  // namespace
}  // namespace cow::trace

// What a line means.
#include "trace/parse.h"

#include "reading.h"

namespace cow::trace {
namespace {

TEST(Parse, Header) {
  const Trace trace = read(
      "name t\nclauses ISO-1 REUSE-1\nquestion  Why?  \nverdict 5.7 missed,wrong\n"
      "verdict 5.14 6.15 COPY-3\nrules 5.7 5.14 6.15\nfile F 3 = 9\nfile G 1\nframes 12\n");
  EXPECT_EQ(trace.name, "t");
  EXPECT_EQ(trace.question, "Why?");
  EXPECT_EQ(trace.clauses, (std::vector<std::string>{"ISO-1", "REUSE-1"}));
  EXPECT_TRUE(trace.is_for(4));
  EXPECT_FALSE(trace.is_for(3));
  EXPECT_EQ(trace.verdicts[0], (Verdict{"missed", "wrong"}));
  EXPECT_EQ(trace.verdicts[4], (Verdict{"COPY-3"}));
  EXPECT_EQ(trace.verdicts[2], Verdict{});
  EXPECT_EQ(trace.setup.files, (std::vector<FileSetup>{{3, 9}, {1, 0}}));
  EXPECT_EQ(trace.setup.frames, 12u);
}

TEST(Parse, AllVerdictsAreThoseOfTheRules) {
  const Trace trace = read("name t\nverdict all missed\nrules 5.7 5.14\n");
  EXPECT_EQ(trace.verdicts[1], Verdict{"missed"});
  EXPECT_EQ(trace.verdicts[4], Verdict{});
}

TEST(Parse, NamesGetDenseIdsInOrderOfUse) {
  const Trace trace = read_steps("P7 read b\nP0 read a\nP7 pin k b ro\nP0 read b[16777216]\n");
  EXPECT_EQ(trace.names.processes, (std::vector<std::uint32_t>{0, 7}));
  EXPECT_EQ(trace.names.regions, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(trace.names.refs, (std::vector<std::string>{"k"}));
  EXPECT_EQ(std::get<StepLine>(trace.items[0]).step.process, Pid{1});
  EXPECT_EQ(std::get<StepLine>(trace.items[1]).step.process, Pid{0});
  EXPECT_EQ(std::get<StepLine>(trace.items[3]).at.line, 5u);
}

TEST(Parse, Map) {
  Step map;
  map.op = Op::map;
  map.count = 3;
  EXPECT_EQ(read_step("P0 map a anon private 3").step, map);
  EXPECT_EQ(read_step("P0 map a anon private 3 rw").step, map);
  map.prot = Prot::ro;
  map.share = Share::shared;
  EXPECT_EQ(read_step("P0 map a anon shared 3 ro").step, map);
  map.backing = Backing::file;
  map.file = File{1};
  map.at = 5;
  const Trace trace = read("name t\nfile F 1\nfile G 9\nP0 map a file:G shared 3 at 5 ro\n");
  EXPECT_EQ(std::get<StepLine>(trace.items[0]).step, map);
}

TEST(Parse, Places) {
  const Step range = read_step("P0 protect a[2..5] none").step;
  EXPECT_EQ(range.first, 2u);
  EXPECT_EQ(range.last, 5u);
  EXPECT_EQ(range.prot, Prot::none);
  const Step cell = read_step("P0 force-write a[3].2 = 255").step;
  EXPECT_EQ(cell.op, Op::force_write);
  EXPECT_EQ(cell.first, 3u);
  EXPECT_EQ(cell.last, 3u);
  EXPECT_EQ(cell.cell, 2);
  EXPECT_EQ(cell.value, 255);
}

TEST(Parse, Moves) {
  const Trace trace = read_steps("P0@2 remap a[1..3] b -> ok\nP0 remap b b\n");
  const Step& step = std::get<StepLine>(trace.items[0]).step;
  const Step wanted{
      .op = Op::remap, .thread = 2, .region = Region{0}, .to = Region{1}, .first = 1, .last = 3};
  EXPECT_EQ(step, wanted);
  EXPECT_EQ(trace.names.regions, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(std::get<StepLine>(trace.items[1]).step.to, Region{1});
}

TEST(Parse, Locks) {
  const Step lock = read_step("P0 lock a[0..3]").step;
  EXPECT_EQ(lock, (Step{.op = Op::lock, .last = 3}));
  const Step unlock = read_step("P0 unlock a[2] -> segv").step;
  EXPECT_EQ(unlock, (Step{.op = Op::unlock, .first = 2, .last = 2}));
}

TEST(Parse, Pins) {
  const Step plain = read_step("P0 pin k a[1] rw").step;
  EXPECT_EQ(plain.prot, Prot::rw);
  EXPECT_TRUE(plain.foll_pin);
  EXPECT_FALSE(plain.longterm);
  EXPECT_FALSE(plain.fast);
  EXPECT_EQ(read_step("P0 pin k a[1] rw pin slow").step, plain);
  const Step other = read_step("P0 pin k a[1] ro get long fast").step;
  EXPECT_EQ(other.prot, Prot::ro);
  EXPECT_FALSE(other.foll_pin);
  EXPECT_TRUE(other.longterm);
  EXPECT_TRUE(other.fast);
  EXPECT_EQ(read_step("k.3 write = 9").step.cell, 3);
  EXPECT_EQ(read_step("k unpin -> nosuch").step.op, Op::unpin);
}

TEST(Parse, SystemSteps) {
  EXPECT_EQ(read_step("sys ref P0.a[4]").step.first, 4u);
  EXPECT_EQ(read_step("sys unref P0.a").step.op, Op::sys_unref);
  EXPECT_EQ(read_step("sys clear-refs P3").step.process, Pid{1});
  EXPECT_EQ(read_step("sys fail alloc 2").step.count, 2u);
  EXPECT_EQ(read_step("sys fail table 1").step.op, Op::sys_fail_table);
  EXPECT_EQ(read_step("sys swapout P0.a[1] -> {ok,busy}").step,
            (Step{.op = Op::sys_swapout, .first = 1, .last = 1}));
  EXPECT_EQ(read_step("sys migrate P0.a").step, (Step{.op = Op::sys_migrate}));
}

TEST(Parse, Merging) {
  const Trace trace = read_steps("P0 advise b mergeable\nsys ksm P0.a[1] P1.b[2]\n");
  EXPECT_EQ(std::get<StepLine>(trace.items[0]).step.advice, Advice::mergeable);
  const Step wanted{.op = Op::sys_ksm,
                    .child = Pid{1},
                    .region = Region{1},
                    .to = Region{0},
                    .first = 1,
                    .last = 1,
                    .at = 2};
  EXPECT_EQ(std::get<StepLine>(trace.items[1]).step, wanted);
}

TEST(Parse, WriteProtection) {
  EXPECT_EQ(read_step("P0 uffd-wp a[0..2] on").step, (Step{.op = Op::uffd_wp, .last = 2}));
  EXPECT_FALSE(read_step("P0 uffd-wp a off").step.on);
}

TEST(Parse, UnknownNamesInStepsAreNoErrors) {
  EXPECT_EQ(read_steps("P9 read nothere\nP9 fork P10\nnoref read\n").items.size(), 3u);
}

TEST(Parse, Facts) {
  EXPECT_EQ(read_fact("assert P0.a[2].3 = 1").cell, 3);
  EXPECT_EQ(read_fact("assert frame P0.a == P1.a").kind, FactKind::same_frame);
  EXPECT_EQ(read_fact("assert frame P0.a != P1.b[2]").other.page, 2u);
  EXPECT_EQ(read_fact("assert rss P1 shmem = 1").of_kind, PageKind::shmem);
  EXPECT_EQ(read_fact("assert rss P1 shmem = 1").slot.process, Pid{1});
  EXPECT_EQ(read_fact("assert pages file = 1").kind, FactKind::pages);
  for (const char* word : {"mapcount", "refcount", "pins", "swapcount"})
    EXPECT_TRUE(read_fact(std::string("assert ") + word + " P0.a = 7").wanted.admits(0, 7));
  for (const char* word : {"writable", "dirty", "young", "exclusive", "huge"})
    EXPECT_TRUE(read_fact(std::string("assert ") + word + " P0.a = yes").wanted.admits(0, 1));
}

}  // namespace
}  // namespace cow::trace

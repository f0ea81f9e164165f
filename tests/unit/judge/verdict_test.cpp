// What the judge says of small traces, under every rule set.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "impl/machine.h"
#include "judge/lockstep.h"
#include "logic/show.h"
#include "steps.h"

namespace cow::judge {
namespace {

using Both = Lockstep<spec::Specification, impl::Machine>;

// Takes the steps, demands that the machines agree, and keeps the verdicts.
std::vector<Verdict> verdicts(const std::string& rule, const std::vector<Step>& steps,
                              const Setup& setup = {}) {
  Both both(setup, *find_rules(rule));
  std::vector<Verdict> out;
  for (const Step& s : steps) {
    const Told told = both.step(s);
    for (const Disagreement& d : told.disagreements)
      ADD_FAILURE() << rule << " step " << out.size() << ": " << d.clause << " " << d.text;
    out.push_back(told.verdict);
  }
  return out;
}
Verdict last(const std::string& rule, const std::vector<Step>& steps) {
  return verdicts(rule, steps).back();
}
std::set<Verdict> shown(const std::string& rule, const std::vector<Step>& steps,
                        const Setup& setup = {}) {
  std::set<Verdict> out;
  for (const Verdict v : verdicts(rule, steps, setup))
    if (v != Verdict::none) out.insert(v);
  return out;
}
const std::set<Verdict> kNone;
const std::vector<std::string> kAll = {"5.7", "5.14", "5.18", "5.19", "6.15"};
const std::vector<std::string> kModern = {"5.14", "5.18", "5.19", "6.15"};

TEST(Verdict, ForkThenWriteShowsNothing) {
  for (const auto& rule : kAll)
    EXPECT_EQ(shown(rule, {map(P0, a, 1), write(P0, a, 1), fork(P0, P1), write(P0, a, 2),
                           read(P1, a), write(P1, a, 3), read(P0, a)}),
              kNone);
}

TEST(Verdict, ExitThenReuseShowsNothing) {
  for (const auto& rule : kAll)
    EXPECT_EQ(shown(rule, {map(P0, a, 1), write(P0, a, 1), fork(P0, P1), fork(P1, P2), exit(P1),
                           write(P0, a, 2), write(P2, a, 3), exit(P2), write(P0, a, 4)}),
              kNone);
}

TEST(Verdict, ReadWritePinGoesStaleWithoutExclusive) {
  const std::vector<Step> steps = {map(P0, a, 1),
                                   write(P0, a, 1),
                                   pin(P0, k, a, Prot::rw, true),
                                   protect(P0, a, Prot::ro),
                                   protect(P0, a, Prot::rw),
                                   write(P0, a, 2)};
  for (const auto& rule : {"5.14", "5.18"}) EXPECT_EQ(last(rule, steps), Verdict::wrong);
  for (const auto& rule : {"5.7", "5.19", "6.15"}) EXPECT_EQ(shown(rule, steps), kNone);
}

TEST(Verdict, PrivateFileWriteShowsNothing) {
  cow::Setup setup;
  setup.files = {{1, 9}};
  for (const auto& rule : kAll)
    EXPECT_EQ(shown(rule,
                    {map_file(P0, a, Share::private_), map_file(P0, b, Share::shared), read(P0, a),
                     read(P0, b), write(P0, a, 4), read(P0, b), write(P0, b, 5), read(P0, a)},
                    setup),
              kNone);
}

TEST(Verdict, StrayReferenceMakesTheCopyUnnecessary) {
  const std::vector<Step> steps = {map(P0, a, 1), write(P0, a, 1),        fork(P0, P1),
                                   exit(P1),      on(Op::sys_ref, P0, a), write(P0, a, 2)};
  for (const auto& rule : kModern) EXPECT_EQ(last(rule, steps), Verdict::unnecessary);
  EXPECT_EQ(shown("5.7", steps), kNone);
}

TEST(Verdict, ZeroPageThenWriteShowsNothing) {
  for (const auto& rule : kAll)
    EXPECT_EQ(
        shown(rule, {map(P0, a, 2), read(P0, a), read(P0, a, 1), write(P0, a, 7), read(P0, a, 1)}),
        kNone);
}

std::vector<Step> vmsplice_child_unmaps() {
  return {map(P0, a, 1), write(P0, a, 1), fork(P0, P1), pin(P1, k, a, Prot::ro, false),
          unmap(P1, a),  write(P0, a, 2)};
}

TEST(Verdict, WriteIsMissedThroughAReferenceOfAnother) {
  EXPECT_EQ(last("5.7", vmsplice_child_unmaps()), Verdict::missed);
  for (const auto& rule : kModern) EXPECT_EQ(shown(rule, vmsplice_child_unmaps()), kNone);
}

TEST(Verdict, LaterReadOfALeakedByteIsMissedToo) {
  auto steps = vmsplice_child_unmaps();
  steps.push_back(ref_read(k));
  EXPECT_EQ(last("5.7", steps), Verdict::missed);
  EXPECT_EQ(last("5.14", steps), Verdict::none);
  steps.back().cell = 1;  // another byte of the page was not written
  EXPECT_EQ(last("5.7", steps), Verdict::none);
}

TEST(Verdict, TheWritersOwnReadOfItsByteIsNotMissed) {
  auto steps = vmsplice_child_unmaps();
  steps.push_back(read(P0, a));
  EXPECT_EQ(last("5.7", steps), Verdict::none);
}

// A plain read-write get kept across fork: both processes show its frame.
std::vector<Step> get_across_fork() {
  return {map(P0, a, 1), write(P0, a, 1), pin(P0, k, a, Prot::rw, false), fork(P0, P1),
          ref_write(k, 9)};
}

TEST(Verdict, ReadWriteGetAcrossForkIsMissed) {
  for (const auto& rule : kAll) EXPECT_EQ(last(rule, get_across_fork()), Verdict::missed) << rule;
}

TEST(Verdict, LeakedByteStaysUntilOverwritten) {
  auto steps = get_across_fork();
  steps.push_back(read(P1, a));
  EXPECT_EQ(last("5.14", steps), Verdict::missed);
  steps.push_back(write(P1, a, 5));  // takes a copy, which carries the byte until it is written
  EXPECT_EQ(last("5.14", steps), Verdict::none);
  steps.push_back(read(P1, a));
  EXPECT_EQ(last("5.14", steps), Verdict::none);
}

TEST(Verdict, CopiesCarryALeakedByte) {
  auto steps = get_across_fork();
  Step other_cell = write(P1, a, 5);
  other_cell.cell = 3;
  steps.push_back(other_cell);
  steps.push_back(read(P1, a));
  EXPECT_EQ(last("5.14", steps), Verdict::missed);
  steps.push_back(fork(P1, P2));
  steps.push_back(read(P2, a));
  EXPECT_EQ(last("5.14", steps), Verdict::missed);
}

TEST(Verdict, PinAcrossForkIsCopiedForTheChildSince59) {
  auto steps = get_across_fork();
  steps[2].foll_pin = true;
  EXPECT_EQ(last("5.7", steps), Verdict::missed);
  for (const auto& rule : kModern) EXPECT_EQ(shown(rule, steps), kNone) << rule;
}

TEST(Verdict, WrongIsToldOnceForEachReference) {
  std::vector<Step> steps = {map(P0, a, 1),
                             write(P0, a, 1),
                             pin(P0, k, a, Prot::rw, true),
                             protect(P0, a, Prot::ro),
                             protect(P0, a, Prot::rw),
                             write(P0, a, 2),
                             read(P0, a),
                             pin(P0, l, a, Prot::ro, true),
                             protect(P0, a, Prot::ro),
                             protect(P0, a, Prot::rw),
                             write(P0, a, 3),
                             write(P0, a, 4)};
  const auto told = verdicts("5.14", steps);
  EXPECT_EQ(told[5], Verdict::wrong);
  EXPECT_EQ(told[6], Verdict::none);
  EXPECT_EQ(told[10], Verdict::wrong);
  EXPECT_EQ(told[11], Verdict::none);
}

TEST(Verdict, NothingIsPromisedToAReadOnlyGet) {
  const std::vector<Step> steps = {map(P0, a, 1), write(P0, a, 1), fork(P0, P1),
                                   pin(P0, k, a, Prot::ro, false), write(P0, a, 2)};
  for (const auto& rule : kAll) EXPECT_EQ(shown(rule, steps), kNone) << rule;
}

TEST(Verdict, OwnReadOnlyGetMakesNoCopyNecessary) {
  const std::vector<Step> steps = {
      map(P0, a, 1),  write(P0, a, 1), fork(P0, P1), exit(P1), pin(P0, k, a, Prot::ro, false),
      write(P0, a, 2)};
  for (const auto& rule : kModern) EXPECT_EQ(last(rule, steps), Verdict::unnecessary) << rule;
}

TEST(Verdict, AReferenceOfAnotherMakesACopyNecessary) {
  auto steps = vmsplice_child_unmaps();
  steps.insert(steps.end() - 1, on(Op::sys_ref, P0, a));
  for (const auto& rule : kModern) EXPECT_EQ(shown(rule, steps), kNone) << rule;
}

TEST(Verdict, DetachedReferencesAreNotWrong) {
  const std::vector<Step> steps = {map(P0, a, 1),
                                   write(P0, a, 1),
                                   pin(P0, k, a, Prot::rw, true),
                                   advise(P0, a, Advice::dontneed),
                                   write(P0, a, 2),
                                   ref_write(k, 3),
                                   ref_read(k),
                                   read(P0, a)};
  for (const auto& rule : kAll) EXPECT_EQ(shown(rule, steps), kNone) << rule;
}

TEST(Verdict, WriteThroughADetachedReferenceIsMissedByTheChild) {
  const std::vector<Step> steps = {map(P0, a, 1), write(P0, a, 1), pin(P0, k, a, Prot::rw, false),
                                   fork(P0, P1),  unmap(P0, a),    ref_write(k, 3)};
  for (const auto& rule : kAll) EXPECT_EQ(last(rule, steps), Verdict::missed) << rule;
}

TEST(Verdict, ReferencesOnTheZeroPageAreNotJudged) {
  const std::vector<Step> steps = {map(P0, a, 1), read(P0, a), pin(P0, k, a, Prot::ro, true),
                                   write(P0, a, 1), ref_read(k)};
  for (const auto& rule : kAll) EXPECT_EQ(shown(rule, steps), kNone) << rule;
}

TEST(Verdict, SharedMemoryIsNotJudged) {
  const std::vector<Step> steps = {
      map_shmem(P0, a), write(P0, a, 1), fork(P0, P1), pin(P1, k, a, Prot::rw, false),
      write(P0, a, 2),  ref_write(k, 3), read(P1, a)};
  for (const auto& rule : kAll) EXPECT_EQ(shown(rule, steps), kNone) << rule;
}

TEST(Verdict, ReadOnlyPinOfASharedPageGoesStaleWithoutUnsharing) {
  const std::vector<Step> steps = {map(P0, a, 1), write(P0, a, 1), fork(P0, P1),
                                   pin(P0, k, a, Prot::ro, true), write(P0, a, 2)};
  EXPECT_EQ(last("5.14", steps), Verdict::wrong);
  for (const auto& rule : {"5.19", "6.15"}) EXPECT_EQ(shown(rule, steps), kNone);
}

TEST(Verdict, AForksEarlyCopyIsNoFault) {
  const std::vector<Step> steps = {map(P0, a, 1), write(P0, a, 1), pin(P0, k, a, Prot::rw, true),
                                   fork(P0, P1),  write(P1, a, 2), write(P0, a, 3)};
  for (const auto& rule : kModern) EXPECT_EQ(shown(rule, steps), kNone) << rule;
}

TEST(Verdict, APinsFaultsAreJudged) {
  const std::vector<Step> steps = {map(P0, a, 1),          write(P0, a, 1),
                                   fork(P0, P1),           exit(P1),
                                   on(Op::sys_ref, P0, a), pin(P0, k, a, Prot::rw, true)};
  for (const auto& rule : kModern) EXPECT_EQ(last(rule, steps), Verdict::unnecessary) << rule;
}

// As recorded: rec-3225.
TEST(Verdict, APinThatLeavesAnOwnReferenceBehindIsNotTold) {
  const std::vector<Step> steps = {
      map(P0, a, 1), write(P0, a, 1), pin(P0, Ref{1}, a, Prot::ro, false),
      fork(P0, P1),  exit(P1),        pin(P0, k, a, Prot::rw, true)};
  for (const auto& rule : kAll) EXPECT_EQ(last(rule, steps), Verdict::none) << rule;
}

TEST(Verdict, RefusedStepsHaveNone) {
  const std::vector<Step> steps = {write(P0, a, 1), exit(P2),       map(P0, a, 1, Prot::ro),
                                   write(P0, a, 1), read(P0, a, 5), unmap(P0, a),
                                   read(P0, a),     ref_write(k, 1)};
  for (const auto& rule : kAll) EXPECT_EQ(shown(rule, steps), kNone) << rule;
}

TEST(Verdict, ForcedWritesAreTheProgramsOwn) {
  const std::vector<Step> steps = {map(P0, a, 1, Prot::ro), force_write(P0, a, 1), fork(P0, P1),
                                   force_write(P0, a, 2), read(P1, a)};
  for (const auto& rule : kAll) EXPECT_EQ(shown(rule, steps), kNone) << rule;
}

}  // namespace
}  // namespace cow::judge

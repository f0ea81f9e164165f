#include "logic/ideal_machine.h"

#include <gtest/gtest.h>

#include "steps.h"

namespace cow::spec {
namespace {

constexpr Slot kParents{Pid{0}, Region{0}, 0}, kChilds{Pid{1}, Region{0}, 0};

TEST(IdealMachine, ForkMakesTwoObjectsWithTheSameBytes) {
  IdealMachine ideal{cow::Setup{}};
  for (const Step& s : {kMap, write(Pid{0}, 1), kFork}) ideal.run(s);
  EXPECT_NE(ideal.object(kParents), ideal.object(kChilds));
  ideal.run(write(Pid{0}, 2));
  EXPECT_EQ(ideal.read(kParents, 0).value, 2);
  EXPECT_EQ(ideal.read(kChilds, 0).value, 1);
}

TEST(IdealMachine, APrivatePageFollowsItsFileUntilItIsWritten) {
  IdealMachine ideal{cow::Setup{.files = {{.pages = 1, .value = 9}}, .frames = kEnoughFrames}};
  Step map = kMap;
  map.backing = Backing::file;
  ideal.run(map);
  map.region = Region{1};
  map.share = Share::shared;
  ideal.run(map);
  Step to_file = write(Pid{0}, 5);
  to_file.region = Region{1};
  ideal.run(to_file);
  EXPECT_EQ(ideal.read(kParents, 0).value, 5);
  ideal.run(write(Pid{0}, 6));
  to_file.value = 7;
  ideal.run(to_file);
  EXPECT_EQ(ideal.read(kParents, 0).value, 6);
}

TEST(IdealMachine, AReferenceStaysWithItsObjectWhenTheOwnerDiscardsThePage) {
  IdealMachine ideal{cow::Setup{}};
  const Step pin{.op = Op::pin, .ref = Ref{0}, .prot = Prot::ro};
  for (const Step& s : {kMap, write(Pid{0}, 1), pin}) ideal.run(s);
  EXPECT_TRUE(ideal.is_attached(Ref{0}));
  ideal.run({.op = Op::advise, .advice = Advice::dontneed});
  EXPECT_TRUE(ideal.names(Ref{0}));
  EXPECT_FALSE(ideal.is_attached(Ref{0}));
  EXPECT_EQ(ideal.read(kParents, 0).value, 0);
}

TEST(IdealMachine, WipedPagesComeToTheChildEmpty) {
  IdealMachine ideal{cow::Setup{}};
  const Step wipe{.op = Op::advise, .advice = Advice::wipeonfork};
  for (const Step& s : {kMap, write(Pid{0}, 1), wipe, kFork}) ideal.run(s);
  EXPECT_FALSE(ideal.owns(kChilds));
  EXPECT_EQ(ideal.read(kParents, 0).value, 1);
}

}  // namespace
}  // namespace cow::spec

// Which steps a user process can bring about, each refusal by its name.
#include "kernel/replayable.h"

#include <gtest/gtest.h>

namespace cow::kernel {
namespace {

constexpr Facilities kAll{true, true, true};

std::string why(const std::vector<Step>& steps, const Facilities& facilities = kAll) {
  const auto hindrance = find_hindrance({}, steps, facilities);
  return hindrance ? hindrance->reason : "";
}
Step pin(Prot prot, bool foll_pin, bool longterm = false) {
  return {.op = Op::pin, .prot = prot, .foll_pin = foll_pin, .longterm = longterm};
}

TEST(Replayable, References) {
  EXPECT_EQ(why({pin(Prot::ro, false)}), "");
  EXPECT_EQ(why({pin(Prot::rw, true)}), "");
  EXPECT_EQ(why({pin(Prot::rw, true, true)}), "");
  EXPECT_EQ(why({pin(Prot::ro, true)}), "pin ro: no user process can take one");
  EXPECT_EQ(why({pin(Prot::ro, false, true)}), "pin ro get long: no user process can take one");
  EXPECT_EQ(why({pin(Prot::rw, false)}), "pin rw get: no user process can take one");
  EXPECT_EQ(why({pin(Prot::rw, true)}, {false, true, true}), "pin rw: io_uring is not to be had");
}

TEST(Replayable, Files) {
  const Step map{.op = Op::map, .backing = Backing::file, .share = Share::shared, .count = 1};
  EXPECT_EQ(why({map}), "");
  EXPECT_EQ(why({map}, {true, true, false}), "map file shared: temporary files are not on a disk");
  EXPECT_EQ(why({map, pin(Prot::rw, true)}), "pin rw of a shared file: io_uring refuses it");
}

TEST(Replayable, WhatTheSystemDoes) {
  EXPECT_EQ(why({{.op = Op::sys_ref}}), "sys ref: no user process can cause it");
  EXPECT_EQ(why({{.op = Op::sys_fail_alloc}}), "sys fail: no user process can cause it");
  EXPECT_EQ(why({{.op = Op::sys_clear_refs}}), "");
  EXPECT_EQ(why({{.op = Op::sys_clear_refs}}, {true, false, true}),
            "sys clear-refs: this kernel has no soft-dirty");
}

TEST(Replayable, TellsWhere) {
  const std::vector<Step> steps = {{.op = Op::read}, {.op = Op::sys_ref}};
  EXPECT_EQ(find_hindrance({}, steps, kAll)->step, 1u);
  cow::Setup few;
  few.frames = 3;
  EXPECT_EQ(find_hindrance(few, steps, kAll)->step, steps.size());
}

}  // namespace
}  // namespace cow::kernel

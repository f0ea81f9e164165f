// Which steps a user process can bring about, each refusal by its name.
#include "kernel/replayable.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "kernel/beyond.h"

namespace cow::kernel {
namespace {

constexpr Facilities kAll{.io_uring = true, .soft_dirty = true, .file_pins = true, .disk = true};

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
  EXPECT_EQ(why({pin(Prot::rw, true)}, {.soft_dirty = true, .disk = true}),
            "pin rw: io_uring is not to be had");
}

TEST(Replayable, Files) {
  const Step map{.op = Op::map, .backing = Backing::file, .share = Share::shared, .count = 1};
  EXPECT_EQ(why({map}), "");
  EXPECT_EQ(why({map}, {.io_uring = true, .soft_dirty = true}),
            "map file shared: temporary files are not on a disk");
  EXPECT_EQ(why({map, pin(Prot::rw, true)}), "pin rw of a shared file: io_uring refuses it");
}

TEST(Replayable, PinsOfPrivateFiles) {
  const Step map{.op = Op::map, .backing = Backing::file, .share = Share::private_, .count = 1};
  EXPECT_EQ(why({map, pin(Prot::rw, true)}), "");
  EXPECT_EQ(why({map, pin(Prot::rw, true)}, {.io_uring = true, .disk = true}),
            "pin rw of a private file: this kernel's io_uring refuses it");
}

TEST(Replayable, PinsOfWhatHasMoved) {
  const Region a{0}, b{1};
  Step map{.op = Op::map, .region = a, .backing = Backing::file, .share = Share::shared};
  const Step remap{.op = Op::remap, .region = a, .to = b};
  Step pin_there = pin(Prot::rw, true);
  pin_there.region = b;
  EXPECT_EQ(why({map, remap, pin_there}), "pin rw of a shared file: io_uring refuses it");
  map.share = Share::private_;
  EXPECT_EQ(why({map, remap, pin_there}), "");
  EXPECT_EQ(why({map, remap, pin_there}, {.io_uring = true, .disk = true}),
            "pin rw of a private file: this kernel's io_uring refuses it");
}

TEST(Replayable, LocksThatTakeMemory) {
  EXPECT_EQ(why({{.op = Op::lock, .last = 65'535}}), "");
  EXPECT_EQ(why({{.op = Op::lock, .last = 65'536}}), "lock: too many pages to be filled");
  EXPECT_EQ(why({{.op = Op::unlock, .last = 65'536}}), "");
}

TEST(Replayable, WhatTheSystemDoes) {
  EXPECT_EQ(why({{.op = Op::sys_ref}}), "sys ref: no user process can cause it");
  EXPECT_EQ(why({{.op = Op::sys_fail_alloc}}), "sys fail: no user process can cause it");
  EXPECT_EQ(why({{.op = Op::sys_clear_refs}}), "");
  EXPECT_EQ(why({{.op = Op::sys_clear_refs}}, {.io_uring = true, .disk = true}),
            "sys clear-refs: this kernel has no soft-dirty");
}

TEST(Replayable, WhatTheMachinesDoNotTake) {
  const auto reason = [](Beyond beyond, const Facilities& facilities) {
    return find_hindrance(AnyStep{{}, beyond, {}}, facilities);
  };
  Facilities all;
  all.uffd_wp = all.ksm = all.swap = all.huge_pages = true;
  for (const Beyond b :
       {Beyond::free, Beyond::uffd_on, Beyond::map_hugetlb, Beyond::swap_out, Beyond::merge})
    EXPECT_EQ(reason(b, all), "");
  EXPECT_EQ(reason(Beyond::uffd_off, {}),
            "uffd-wp: userfaultfd with write protection is not to be had");
  EXPECT_EQ(reason(Beyond::map_hugetlb, {}),
            "map hugetlb: no huge pages are set aside; --hugetlb does");
  EXPECT_EQ(reason(Beyond::swap_out, {}), "sys swapout: there is no swap; --swap makes some");
  EXPECT_EQ(reason(Beyond::merge, {}), "sys ksm: KSM does not run; --ksm starts it");
}

// Not in lockstep: what becomes of them is the kernel's to choose.
TEST(Replayable, WhatIsComparedByContentsOnly) {
  for (const auto& [step, word] : std::vector<std::pair<Step, std::string_view>>{
           {{.op = Op::uffd_wp}, "uffd-wp"},
           {{.op = Op::sys_swapout}, "swapout"},
           {{.op = Op::sys_migrate}, "migrate"},
           {{.op = Op::sys_ksm}, "ksm"},
           {{.op = Op::advise, .advice = Advice::pageout}, "pageout"},
           {{.op = Op::advise, .advice = Advice::mergeable}, "mergeable"},
           {{.op = Op::advise, .advice = Advice::unmergeable}, "unmergeable"}}) {
    EXPECT_EQ(word_beyond(step), word);
    EXPECT_NE(why({step}), "") << word;
    EXPECT_EQ(std::holds_alternative<AnyStep>(any_step(step)), word != "migrate") << word;
  }
  for (const Advice advice : {Advice::dontneed, Advice::dontfork, Advice::keeponfork})
    EXPECT_EQ(word_beyond({.op = Op::advise, .advice = advice}), "");
  const Step merge{.op = Op::sys_ksm, .child = Pid{1}, .to = Region{2}, .at = 3};
  EXPECT_EQ(std::get<AnyStep>(any_step(merge)).other, (Slot{Pid{1}, Region{2}, 3}));
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

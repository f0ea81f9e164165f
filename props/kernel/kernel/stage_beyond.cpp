// Steps that no machine takes, by real processes.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "kernel/stage.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

namespace cow::kernel {
namespace {

int advice_of(Beyond beyond) {
  switch (beyond) {
    case Beyond::free: return MADV_FREE;
    case Beyond::mergeable: return MADV_MERGEABLE;
    case Beyond::unmergeable: return MADV_UNMERGEABLE;
    case Beyond::nohugepage: return MADV_NOHUGEPAGE;
    case Beyond::pageout: return MADV_PAGEOUT;
    case Beyond::collapse: return MADV_COLLAPSE;
    default: return MADV_HUGEPAGE;
  }
}

std::uint32_t pages_of(const Step& step) { return step.last - step.first + 1; }

}  // namespace

Seen Stage::run(const AnyStep& any) {
  if (any.beyond == Beyond::none) return run(any.step);
  Seen seen;
  seen.outcomes = any_of(alive(any.step.process) ? beyond(any) : Outcome::nosuch);
  if (alive(any.step.process)) look();
  return seen;
}

bool Stage::is_mapped(Pid p, Task how, Region r, std::uint32_t first, std::uint32_t pages) {
  Order order;
  order.task = how;
  order.address = plan_.address(r, first);
  order.length = pages * kPageSize;
  return processes_.ask(p, order).value != 0;
}

Outcome Stage::beyond(const AnyStep& any) {
  const Step& step = any.step;
  if (any.beyond == Beyond::map_huge) return map_huge(step);
  if (any.beyond == Beyond::map_hugetlb) return map(step, MAP_HUGETLB);
  if (step.last >= pages_in(step.process, step.region)) return Outcome::nosuch;
  if (any.beyond == Beyond::swap_out || any.beyond == Beyond::merge) return by_system(any);
  if (!is_mapped(step.process, Task::covered, step.region, step.first, pages_of(step)))
    return Outcome::segv;
  switch (any.beyond) {
    case Beyond::remap: return remap(any);
    case Beyond::lock: return must(step, Task::lock, "mlock");
    case Beyond::unlock: return must(step, Task::unlock, "munlock");
    case Beyond::uffd_on:
    case Beyond::uffd_off:
      return must(step, Task::uffd_wp, "uffd-wp", any.beyond == Beyond::uffd_on);
    default: return advise(any);
  }
}

Outcome Stage::must(const Step& step, Task task, const char* name, std::uint8_t value) {
  Order order = order_over(task, step);
  order.value = value;
  if (const int error = processes_.ask(step.process, order).error; error != 0)
    throw Cannot(std::string(name) + ": " + std::strerror(error));
  return Outcome::ok;
}

Outcome Stage::map_huge(const Step& step) {
  if (const Outcome outcome = map(step, MAP_NORESERVE); outcome != Outcome::ok) return outcome;
  AnyStep advice{step, Beyond::hugepage, {}};
  advice.step.first = 0;
  advice.step.last = step.count - 1;
  return advise(advice);
}

// To a name whose pages are all gone, as `map`.
Outcome Stage::remap(const AnyStep& any) {
  const Step& step = any.step;
  const Region there = any.other.region;
  Area& to = areas_[at(step.process, there)];
  if (to.pages > 0 && is_mapped(step.process, Task::probe, there, 0, to.pages))
    return Outcome::inval;
  Order order = order_over(Task::remap, step);
  order.offset = plan_.address(there, 0);
  if (const int error = processes_.ask(step.process, order).error; error != 0)
    throw Cannot(std::string("mremap, perhaps of several areas: ") + std::strerror(error));
  const Area& from = areas_[at(step.process, step.region)];
  to = {pages_of(step), from.share, from.backing, from.hugetlb};
  return Outcome::ok;
}

// One page, asked of the process that maps it: reclaim is not to be had by page. It declines what
// others map too.
Outcome Stage::by_system(const AnyStep& any) {
  const Slot here{any.step.process, any.step.region, any.step.first};
  if (any.beyond == Beyond::merge) return merge(here, any.other);
  if (page_advice(here, MADV_PAGEOUT) != 0) return Outcome::inval;
  constexpr std::uint64_t kSwapped = std::uint64_t{1} << 62;
  return (page_word(here) & kSwapped) != 0 ? Outcome::ok : Outcome::busy;
}

// Until both are one frame, or KSM has seen them often enough to have made them one.
Outcome Stage::merge(const Slot& a, const Slot& b) {
  constexpr std::uint64_t kScans = 4;
  if (!alive(b.process) || b.page >= pages_in(b.process, b.region)) return Outcome::nosuch;
  for (const Slot& slot : {a, b})
    if (page_advice(slot, MADV_MERGEABLE) != 0) return Outcome::inval;
  const auto scans = [] {
    std::uint64_t count = 0;
    std::ifstream("/sys/kernel/mm/ksm/full_scans") >> count;
    return count;
  };
  const auto late = std::chrono::steady_clock::now() + limit_;
  const std::uint64_t begin = scans();
  // Only frame numbers tell that both are one; without the right to see them, only time does.
  constexpr std::uint64_t kPresent = std::uint64_t{1} << 63, kFrame = (std::uint64_t{1} << 55) - 1;
  const auto are_one = [&] {
    const std::uint64_t one = page_word(a), other = page_word(b);
    return (one & other & kPresent) != 0 && (one & kFrame) != 0 &&
           (one & kFrame) == (other & kFrame);
  };
  while (!are_one() && scans() < begin + kScans) {
    if (std::chrono::steady_clock::now() > late) throw Cannot("sys ksm: KSM does not get round");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return are_one() ? Outcome::ok : Outcome::busy;
}

int Stage::page_advice(const Slot& slot, int word) {
  Order order;
  order.task = Task::advise;
  order.address = plan_.address(slot.region, slot.page);
  order.length = kPageSize;
  order.flags = word;
  return processes_.ask(slot.process, order).error;
}

// Its entry, as /proc/PID/pagemap shows it.
std::uint64_t Stage::page_word(const Slot& slot) const {
  const std::string path = "/proc/" + std::to_string(pid(slot.process)) + "/pagemap";
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::uint64_t word = 0;
  const auto at =
      static_cast<off_t>(plan_.address(slot.region, slot.page) / kPageSize * sizeof word);
  const bool got = fd >= 0 && pread(fd, &word, sizeof word, at) == sizeof word;
  if (fd >= 0) close(fd);
  if (!got) throw Cannot("pagemap cannot be read");
  return word;
}

// Whether a collapse succeeds is the kernel's affair. Words that it does not know say nothing.
Outcome Stage::advise(const AnyStep& any) {
  const Step& step = any.step;
  Order order = order_over(Task::advise, step);
  order.flags = advice_of(any.beyond);
  const int error = processes_.ask(step.process, order).error;
  if (error == 0) return Outcome::ok;
  if (any.beyond == Beyond::collapse) return Outcome::busy;
  const bool may_refuse = any.beyond == Beyond::free || any.beyond == Beyond::pageout;
  if (may_refuse && error == EINVAL) return Outcome::inval;
  throw Cannot(std::string("madvise: ") + std::strerror(error));
}

}  // namespace cow::kernel

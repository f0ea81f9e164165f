// Steps of which not everything is compared, by real processes.
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

// Of madvise for one page.
Outcome refusal_of(int error) { return error == ENOMEM ? Outcome::segv : Outcome::inval; }

}  // namespace

Seen Stage::run(const AnyStep& any) {
  if (any.beyond == Beyond::none) return run(any.step);
  Seen seen;
  seen.outcomes = any_of(alive(any.step.process) ? beyond(any) : Outcome::nosuch);
  if (alive(any.step.process)) look();
  return seen;
}

Outcome Stage::beyond(const AnyStep& any) {
  const Step& step = any.step;
  if (any.beyond == Beyond::map_huge) return map_huge(step);
  if (any.beyond == Beyond::map_hugetlb) return map(step, MAP_HUGETLB);
  if (step.last >= pages_in(step.process, step.region)) return Outcome::nosuch;
  if (any.beyond == Beyond::swap_out || any.beyond == Beyond::merge) return by_system(any);
  const bool uffd = any.beyond == Beyond::uffd_on || any.beyond == Beyond::uffd_off;
  if (uffd && !is_private_anon(step) && any_mapped(step)) return Outcome::inval;
  if (any.beyond == Beyond::pageout && any_locked(step)) return Outcome::inval;
  if (!covered(step)) return Outcome::segv;
  return uffd ? must(step, Task::uffd_wp, "uffd-wp", any.beyond == Beyond::uffd_on) : advise(any);
}

// Other memory the language refuses, whatever newer kernels do.
bool Stage::is_private_anon(const Step& step) const {
  const Area& area = areas_[at(step.process, step.region)];
  return area.share == Share::private_ && area.backing == Backing::anon;
}

Outcome Stage::map_huge(const Step& step) {
  if (const Outcome outcome = map(step, MAP_NORESERVE); outcome != Outcome::ok) return outcome;
  AnyStep advice{step, Beyond::hugepage, {}};
  advice.step.first = 0;
  advice.step.last = step.count - 1;
  return advise(advice);
}

// One page, asked of the process that maps it: reclaim is not to be had by page. It declines what
// others map too.
Outcome Stage::by_system(const AnyStep& any) {
  const Slot here{any.step.process, any.step.region, any.step.first};
  if (any.beyond == Beyond::merge) return merge(here, any.other);
  if (const int error = page_advice(here, MADV_PAGEOUT); error != 0) return refusal_of(error);
  constexpr std::uint64_t kSwapped = std::uint64_t{1} << 62;
  return (page_word(here) & kSwapped) != 0 ? Outcome::ok : Outcome::busy;
}

// Until both are one frame, or KSM has seen them often enough to have made them one.
Outcome Stage::merge(const Slot& a, const Slot& b) {
  constexpr std::uint64_t kScans = 4;
  if (!alive(b.process) || b.page >= pages_in(b.process, b.region)) return Outcome::nosuch;
  for (const Slot& slot : {a, b})
    if (const int error = page_advice(slot, MADV_MERGEABLE); error != 0) return refusal_of(error);
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

// Steps that no machine takes, by real processes.
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <string>

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
  if (step.last >= pages_in(step.process, step.region)) return Outcome::nosuch;
  if (!is_mapped(step.process, Task::covered, step.region, step.first, pages_of(step)))
    return Outcome::segv;
  if (any.beyond == Beyond::remap) return remap(any);
  if (any.beyond != Beyond::lock && any.beyond != Beyond::unlock) return advise(any);
  Order order;
  order.task = any.beyond == Beyond::lock ? Task::lock : Task::unlock;
  order.address = plan_.address(step.region, step.first);
  order.length = pages_of(step) * kPageSize;
  if (const int error = processes_.ask(step.process, order).error; error != 0)
    throw Cannot(std::string("mlock: ") + std::strerror(error));
  return Outcome::ok;
}

Outcome Stage::map_huge(const Step& step) {
  if (const Outcome outcome = map(step); outcome != Outcome::ok) return outcome;
  AnyStep advice{step, Beyond::hugepage, {}};
  advice.step.first = 0;
  advice.step.last = step.count - 1;
  return advise(advice);
}

// To a name whose pages are all gone, as `map`.
Outcome Stage::remap(const AnyStep& any) {
  const Step& step = any.step;
  Area& to = areas_[at(step.process, any.to)];
  if (to.pages > 0 && is_mapped(step.process, Task::probe, any.to, 0, to.pages))
    return Outcome::inval;
  Order order;
  order.task = Task::remap;
  order.address = plan_.address(step.region, step.first);
  order.length = pages_of(step) * kPageSize;
  order.offset = plan_.address(any.to, 0);
  if (const int error = processes_.ask(step.process, order).error; error != 0)
    throw Cannot(std::string("mremap, perhaps of several areas: ") + std::strerror(error));
  const Area& from = areas_[at(step.process, step.region)];
  to = {pages_of(step), from.share, from.backing};
  return Outcome::ok;
}

// Whether a collapse succeeds is the kernel's affair. Words that it does not know say nothing.
Outcome Stage::advise(const AnyStep& any) {
  const Step& step = any.step;
  Order order;
  order.task = Task::advise;
  order.address = plan_.address(step.region, step.first);
  order.length = pages_of(step) * kPageSize;
  order.flags = advice_of(any.beyond);
  const int error = processes_.ask(step.process, order).error;
  if (error == 0) return Outcome::ok;
  if (any.beyond == Beyond::collapse) return Outcome::busy;
  const bool may_refuse = any.beyond == Beyond::free || any.beyond == Beyond::pageout;
  if (may_refuse && error == EINVAL) return Outcome::inval;
  throw Cannot(std::string("madvise: ") + std::strerror(error));
}

}  // namespace cow::kernel

#include "kernel/stage.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

namespace cow::kernel {
namespace {

// As mmap and mprotect take them.
constexpr std::array kProt = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE};
// Indexed by cow::Advice.
constexpr std::array kAdvice = {MADV_DONTNEED,   MADV_PAGEOUT,    MADV_DONTFORK,  MADV_DOFORK,
                                MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_MERGEABLE, MADV_UNMERGEABLE};
static_assert(kAdvice.size() == static_cast<std::size_t>(Advice::unmergeable) + 1);

Order order_on(Task task, std::uint64_t address, std::uint64_t pages) {
  Order order;
  order.task = task;
  order.address = address;
  order.length = pages * kPageSize;
  return order;
}

bool names_page(Op op) { return op >= Op::read && op <= Op::pin; }

}  // namespace

Stage::Stage(const Setup& setup, const Plan& plan, References& references, Window& window,
             std::chrono::milliseconds limit)
    : plan_(plan),
      references_(references),
      window_(window),
      limit_(limit),
      processes_(plan.processes, limit),
      areas_(plan.processes * plan.regions.size()),
      entries_(plan.processes * plan.rows),
      pagemaps_(plan.processes, -1) {
  if (Events* events = window_.events()) events->pause();
  references_.drop_all();
  if (!references_.make_room(plan.refs)) throw Cannot("no pipes are to be had");
  try {
    make_files(setup);
    processes_.start();
    see(Pid{0});
  } catch (...) {
    close_files();
    throw;
  }
}

// A process that has died is told of where it is looked at.
void Stage::see(Pid p) {
  pagemaps_[index(p)] = window_.open_pagemap(processes_.pid(p));
  if (pagemaps_[index(p)] < 0 && (errno == EMFILE || errno == ENFILE) &&
      window_.sight() != Sight::contents)
    throw Cannot("no more files can be opened");
}

void Stage::close_files() {
  for (const int fd : files_) close(fd);
  for (const int fd : pagemaps_)
    if (fd >= 0) close(fd);
}

Stage::~Stage() {
  processes_.end_all();
  references_.drop_all();
  close_files();
}

// Page by page, so that the page cache holds small pages.
void Stage::make_files(const Setup& setup) {
  std::array<std::uint8_t, kPageSize> page{};
  for (const FileSetup& file : setup.files) {
    const int fd = make_nameless_file();
    if (fd < 0) throw Cannot(std::string("no temporary file: ") + std::strerror(errno));
    files_.push_back(fd);
    for (std::uint32_t cell = 0; cell < kCells; ++cell) page[cell * kCellSize] = file.value;
    for (std::uint32_t i = 0; i < file.pages; ++i)
      if (write(fd, page.data(), page.size()) != static_cast<ssize_t>(page.size()))
        throw Cannot(std::string("no temporary file: ") + std::strerror(errno));
  }
}

Seen Stage::run(const Step& step) {
  Seen seen = step.op >= Op::ref_read && step.op <= Op::unpin ? through_reference(step) : act(step);
  return seen;
}

// What the language refuses is not asked of the kernel.
Seen Stage::act(const Step& step) {
  const auto told = [](Outcome o) { return Seen{any_of(o), false, 0, {}, {}, {}}; };
  const Pid p = step.process;
  if (!alive(p)) return told(Outcome::nosuch);
  Seen seen;
  switch (step.op) {
    case Op::map: seen = told(map(step, MAP_NORESERVE)); break;
    case Op::fork: seen = told(fork(p, step.child)); break;
    case Op::exit: seen = told(exit(p)); break;
    case Op::sys_clear_refs: seen = told(clear_refs(p)); break;
    default:
      if (step.last >= pages_in(p, step.region)) return told(Outcome::nosuch);
      if (step.op == Op::pin && references_.live(step.ref)) return told(Outcome::inval);
      if (names_page(step.op)) return access(step);
      seen = told(change(step));
  }
  look();
  return seen;
}

// Areas that count against overcommit do not merge with those that do not, which is not modelled;
// so that small pages are mapped with MAP_NORESERVE.
Outcome Stage::map(const Step& step, int flags) {
  if (any_mapped(step.process, step.region)) return Outcome::inval;
  Order order = order_on(Task::map, plan_.address(step.region, 0), step.count);
  order.prot = kProt[static_cast<std::size_t>(step.prot)];
  order.flags = flags | (step.share == Share::shared ? MAP_SHARED : MAP_PRIVATE);
  if (step.backing == Backing::anon) order.flags |= MAP_ANONYMOUS;
  else order.fd = files_[index(step.file)];
  order.offset = step.at * kPageSize;
  const int error = processes_.ask(step.process, order).error;
  if (error != 0) throw Cannot(std::string("mmap: ") + std::strerror(error));
  const bool hugetlb = (flags & MAP_HUGETLB) != 0;
  areas_[at(step.process, step.region)] = {step.count, step.share, step.backing, hugetlb, {}};
  return Outcome::ok;
}

// Over the pages of the step. Of hugetlb memory, whole huge pages: a name that ends within one ends
// with it.
Order Stage::order_over(Task task, const Step& step) const {
  const Area& area = areas_[at(step.process, step.region)];
  std::uint64_t pages = step.last - step.first + std::uint64_t{1};
  if (area.hugetlb) {
    if (step.last + 1 == area.pages) pages += -pages % kHugePage;
    if (step.first % kHugePage != 0 || pages % kHugePage != 0)
      throw Cannot("a part of a hugetlb page cannot be changed");
  }
  return order_on(task, plan_.address(step.region, step.first), pages);
}

Outcome Stage::change(const Step& step) {
  switch (step.op) {
    case Op::unmap: return unmap(step);
    case Op::remap: return remap(step);
    case Op::lock: return lock(step);
    case Op::unlock: return unlock(step);
    default: return set_attributes(step);
  }
}

Outcome Stage::must(const Step& step, Task task, const char* name, std::uint8_t value) {
  Order order = order_over(task, step);
  order.value = value;
  if (const int error = processes_.ask(step.process, order).error; error != 0)
    throw Cannot(std::string(name) + ": " + std::strerror(error));
  return Outcome::ok;
}

Outcome Stage::unmap(const Step& step) {
  const Outcome outcome = must(step, Task::unmap, "munmap");
  std::set<std::uint32_t>& locked = areas_[at(step.process, step.region)].locked;
  locked.erase(locked.lower_bound(step.first), locked.upper_bound(step.last));
  return outcome;
}

// mprotect and madvise change what comes before a hole and then say ENOMEM, and discard what comes
// before a locked page; the language refuses such a range as a whole. MADV_WIPEONFORK on other
// memory than private anonymous never changes anything.
Outcome Stage::set_attributes(const Step& step) {
  const Area& area = areas_[at(step.process, step.region)];
  const bool advises = step.op == Op::advise;
  if (advises && step.advice == Advice::dontneed && any_locked(step)) return Outcome::inval;
  const bool harmless = advises && step.advice == Advice::wipeonfork &&
                        (area.share == Share::shared || area.backing == Backing::file);
  if (!harmless && step.first != step.last && !covered(step)) return Outcome::segv;
  Order order = order_over(advises ? Task::advise : Task::protect, step);
  order.prot = kProt[static_cast<std::size_t>(step.prot)];
  order.flags = kAdvice[static_cast<std::size_t>(step.advice)];
  switch (const int error = processes_.ask(step.process, order).error) {
    case 0: return Outcome::ok;
    case ENOMEM: return Outcome::segv;
    case EINVAL: return Outcome::inval;
    default: throw Cannot(std::string("mprotect or madvise: ") + std::strerror(error));
  }
}

Outcome Stage::fork(Pid p, Pid child) {
  if (alive(child)) return Outcome::inval;
  if (!processes_.fork(p, child)) throw Cannot("fork is refused");
  for (std::uint32_t r = 0; r < plan_.regions.size(); ++r) {
    Area& inherited = areas_[at(child, Region{r})];
    inherited = areas_[at(p, Region{r})];
    inherited.locked.clear();
  }
  see(child);
  return Outcome::ok;
}

Outcome Stage::exit(Pid p) {
  if (pagemaps_[index(p)] >= 0) close(pagemaps_[index(p)]);
  pagemaps_[index(p)] = -1;
  processes_.exit(p);
  for (std::uint32_t r = 0; r < plan_.regions.size(); ++r) areas_[at(p, Region{r})] = {};
  return Outcome::ok;
}

Outcome Stage::clear_refs(Pid p) {
  const std::string path = "/proc/" + std::to_string(processes_.pid(p)) + "/clear_refs";
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool done = fd >= 0 && write(fd, "4", 1) == 1;
  if (fd >= 0) close(fd);
  if (!done) throw Cannot("clear_refs is refused");
  return Outcome::ok;
}

Seen Stage::access(const Step& step) {
  const Area& area = areas_[at(step.process, step.region)];
  Access access;
  access.write = step.op == Op::write || step.op == Op::force_write;
  access.shared = area.share == Share::shared;
  access.file = area.backing == Backing::file;
  access.before = entry_at(step);
  Seen seen;
  seen.before = access.before;
  if (step.op == Op::pin) {
    seen.outcomes = pin(step);
    look();
    seen.after = entry_at(step);
    return seen;
  }
  constexpr std::array kTasks = {Task::read, Task::write, Task::mem_read, Task::mem_write};
  Order order =
      order_on(kTasks[static_cast<std::size_t>(step.op) - static_cast<std::size_t>(Op::read)],
               plan_.address(step.region, step.first) + step.cell * kCellSize, 0);
  order.value = step.value;
  Events* const events = window_.events();
  if (events != nullptr) events->forget();
  const Answer answer = processes_.ask(step.process, order);
  if (events != nullptr) seen.events = events->since(processes_.pid(step.process), order.address);
  look();
  access.after = seen.after = entry_at(step);
  if (answer.signal != 0) {
    seen.outcomes = any_of(answer.signal == SIGBUS ? Outcome::sigbus : Outcome::segv);
    return seen;
  }
  if (answer.error != 0) {  // through memory, where every refusal is one
    seen.outcomes = any_of(Outcome::segv);
    return seen;
  }
  access.faults = answer.faults;
  access.zero = sees_frames(window_.sight()) && access.faults > 0 && access.after.present &&
                has(window_.flags(access.after.frame), PageFlag::zero);
  seen.outcomes = outcomes_of(access, window_.sight());
  seen.has_value = !access.write;
  seen.value = static_cast<std::uint8_t>(answer.value);
  return seen;
}

Outcomes Stage::pin(const Step& step) {
  const bool rw = step.prot == Prot::rw;
  const Area& area = areas_[at(step.process, step.region)];
  if (rw && area.share == Share::shared && area.backing == Backing::file)
    throw Cannot("pin rw: of a shared file mapping the kernel takes no long one");
  Order order =
      order_on(rw ? Task::pin_fixed : Task::vmsplice, plan_.address(step.region, step.first), 1);
  order.fd = rw ? references_.ring_of(step.ref) : references_.pipe_of(step.ref);
  switch (const int error = processes_.ask(step.process, order).error) {
    case 0: break;
    case EFAULT: return any_of(Outcome::segv, Outcome::sigbus);
    default: throw Cannot(std::string("a reference: ") + std::strerror(error));
  }
  if (rw) references_.took_buffer(step.ref, order.address);
  else references_.took_pipe(step.ref);
  return any_of(Outcome::ok);
}

Seen Stage::through_reference(const Step& step) {
  Seen seen;
  seen.outcomes = any_of(Outcome::nosuch);
  if (!references_.live(step.ref)) return seen;
  seen.outcomes = any_of(Outcome::ok);
  const auto offset = static_cast<std::uint32_t>(step.cell * kCellSize);
  if (step.op == Op::ref_read) {
    const auto value = references_.read(step.ref, offset);
    if (!value) throw Cannot("a reference cannot be read");
    seen.has_value = true;
    seen.value = *value;
  } else if (step.op == Op::unpin) {
    if (!references_.drop(step.ref)) throw Cannot("a reference cannot be dropped");
  } else if (!references_.writable(step.ref)) {
    seen.outcomes = any_of(Outcome::inval);
  } else if (!references_.write(step.ref, offset, step.value)) {
    throw Cannot("a reference cannot be written");
  }
  return seen;
}

}  // namespace cow::kernel

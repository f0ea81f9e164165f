// Memory that moves, and memory that is locked.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include "kernel/stage.h"

namespace cow::kernel {
namespace {

std::uint32_t pages_of(const Step& step) { return step.last - step.first + 1; }

struct Piece {
  std::uint64_t begin, end;
};

// The kernel's areas of a process, cut to a range.
std::vector<Piece> pieces_of(pid_t pid, std::uint64_t begin, std::uint64_t end) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  std::vector<Piece> pieces;
  for (std::string line; std::getline(maps, line);) {
    Piece area{};
    char dash = 0;
    std::istringstream(line) >> std::hex >> area.begin >> dash >> area.end;
    if (area.end > begin && area.begin < end)
      pieces.push_back({std::max(area.begin, begin), std::min(area.end, end)});
  }
  return pieces;
}

// What of a process the kernel holds locked, in kB; hugetlb memory never is.
std::uint64_t locked_kilobytes(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;)
    if (std::uint64_t locked = 0; word == "VmLck:" && status >> locked) return locked;
  return 0;
}

}  // namespace

bool Stage::covered(const Step& step) {
  Order order;
  order.task = Task::covered;
  order.address = plan_.address(step.region, step.first);
  order.length = pages_of(step) * kPageSize;
  return processes_.ask(step.process, order).value != 0;
}

bool Stage::any_mapped(const Step& step) {
  Order order;
  order.task = Task::probe;
  order.address = plan_.address(step.region, step.first);
  order.length = pages_of(step) * kPageSize;
  return processes_.ask(step.process, order).value != 0;
}
bool Stage::any_mapped(Pid p, Region r) {
  Step all;
  all.process = p;
  all.region = r;
  all.last = pages_in(p, r) - 1;
  return pages_in(p, r) != 0 && any_mapped(all);
}

bool Stage::any_locked(const Step& step) const {
  const std::set<std::uint32_t>& locked = areas_[at(step.process, step.region)].locked;
  const auto first = locked.lower_bound(step.first);
  return first != locked.end() && *first <= step.last;
}

std::uint64_t Stage::locked_pages(Pid p) const {
  std::uint64_t pages = 0;
  for (std::uint32_t r = 0; r < plan_.regions.size(); ++r)
    pages += areas_[at(p, Region{r})].locked.size();
  return pages;
}

// One call for each area: before 6.17 a call over several is refused. To a name whose pages are all
// gone, as `map`.
Outcome Stage::remap(const Step& step) {
  if (!covered(step)) return Outcome::segv;
  if (any_mapped(step.process, step.to)) return Outcome::inval;
  const Order whole = order_over(Task::remap, step);
  const std::uint64_t there = plan_.address(step.to, 0);
  for (const Piece& piece :
       pieces_of(pid(step.process), whole.address, whole.address + whole.length)) {
    Order order = whole;
    order.address = piece.begin;
    order.length = piece.end - piece.begin;
    order.offset = there + (piece.begin - whole.address);
    if (const int error = processes_.ask(step.process, order).error; error != 0)
      throw Cannot(std::string("mremap: ") + std::strerror(error));
  }
  Area& from = areas_[at(step.process, step.region)];
  Area& to = areas_[at(step.process, step.to)];
  to = {pages_of(step), from.share, from.backing, from.hugetlb, {}};
  const auto begin = from.locked.lower_bound(step.first), end = from.locked.upper_bound(step.last);
  for (auto page = begin; page != end; ++page) to.locked.insert(*page - step.first);
  from.locked.erase(begin, end);
  return Outcome::ok;
}

// mlock says ENOMEM of a page that it cannot populate, though the memory is then locked; and of
// more memory than the process may lock, where none is. The kernel's account tells them apart.
Outcome Stage::lock(const Step& step) {
  if (!covered(step)) return Outcome::segv;
  const int error = processes_.ask(step.process, order_over(Task::lock, step)).error;
  Area& area = areas_[at(step.process, step.region)];
  for (std::uint32_t page = step.first; !area.hugetlb && page <= step.last; ++page)
    area.locked.insert(page);
  if (error == EAGAIN) return Outcome::oom;
  constexpr std::uint64_t kPageKilobytes = kPageSize / 1024;
  const bool locked =
      error == 0 || (error == ENOMEM && locked_kilobytes(pid(step.process)) ==
                                            locked_pages(step.process) * kPageKilobytes);
  if (!locked) throw Cannot(std::string("mlock: ") + std::strerror(error));
  return Outcome::ok;
}

Outcome Stage::unlock(const Step& step) {
  if (!covered(step)) return Outcome::segv;
  const Outcome outcome = must(step, Task::unlock, "munlock");
  std::set<std::uint32_t>& locked = areas_[at(step.process, step.region)].locked;
  locked.erase(locked.lower_bound(step.first), locked.upper_bound(step.last));
  return outcome;
}

}  // namespace cow::kernel

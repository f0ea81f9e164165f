// What can be seen of the processes between two steps; and their temporary files.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "kernel/journal.h"
#include "kernel/stage.h"

namespace cow::kernel {

void Stage::look() {
  if (window_.sight() == Sight::contents) return;
  for (std::uint32_t p = 0; p < plan_.processes; ++p) {
    if (!alive(Pid{p})) {
      std::fill_n(entries_.begin() + static_cast<std::ptrdiff_t>(p * plan_.rows), plan_.rows,
                  Entry{});
      continue;
    }
    for (std::uint32_t r = 0; r < plan_.regions.size(); ++r)
      if (pages_in(Pid{p}, Region{r}) > 0) look_at(Pid{p}, plan_.regions[r]);
  }
}

// Neighbours are read at once.
void Stage::look_at(Pid p, const Place& place) {
  auto to = entries_.begin() + static_cast<std::ptrdiff_t>(index(p) * plan_.rows + place.row);
  for (std::size_t from = 0; from < place.pages.size();) {
    std::size_t end = from + 1;
    while (end < place.pages.size() && place.pages[end] == place.pages[end - 1] + 1) ++end;
    const std::uint64_t address = place.address + place.pages[from] * kPageSize;
    if (!window_.look(pagemaps_[index(p)], address, end - from, looked_))
      throw Lost("process " + std::to_string(index(p)) + " has died");
    to = std::copy(looked_.begin(), looked_.end(), to);
    from = end;
  }
}

std::optional<Entry> Stage::entry(const Slot& slot) const {
  if (index(slot.region) >= plan_.regions.size() || index(slot.process) >= plan_.processes)
    return std::nullopt;
  const Place& place = plan_.regions[index(slot.region)];
  const auto at = std::lower_bound(place.pages.begin(), place.pages.end(), slot.page);
  if (at == place.pages.end() || *at != slot.page) return std::nullopt;
  return entry(slot.process, place.row + static_cast<std::size_t>(at - place.pages.begin()));
}

std::optional<std::vector<std::uint8_t>> Stage::peek(const Slot& from, std::uint32_t pages) {
  Order order;
  order.task = Task::peek;
  order.address = plan_.address(from.region, from.page);
  order.length = pages;
  const Answer& answer = processes_.ask(from.process, order);
  if (answer.signal != 0 || answer.value != pages) return std::nullopt;
  return std::vector<std::uint8_t>(answer.bytes, answer.bytes + std::size_t{pages} * kCells);
}

int make_nameless_file() {
  const std::string where = temporary_folder();
  const int fd = open(where.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  std::string name = where + "/cow-XXXXXX";
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

bool on_disk(int fd) {
  struct statfs about {};
  if (fstatfs(fd, &about) != 0) return false;
  return about.f_type != TMPFS_MAGIC && about.f_type != RAMFS_MAGIC &&
         about.f_type != HUGETLBFS_MAGIC;
}

}  // namespace cow::kernel

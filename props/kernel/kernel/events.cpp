#include "kernel/events.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace cow::kernel {
namespace {

constexpr std::uint64_t kPageMask = ~std::uint64_t{4095};

std::uint64_t number(std::string_view text, int base) {
  std::uint64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n, base);
  return n;
}
// Behind `name=`: hexadecimal where it begins with 0x. Frames were decimal once.
std::uint64_t field(std::string_view line, std::string_view name) {
  const std::size_t at = line.find(name);
  if (at == std::string_view::npos) return 0;
  const std::string_view text = line.substr(at + name.size());
  return text.starts_with("0x") ? number(text.substr(2), 16) : number(text, 10);
}

// `            cow-1234    [001] d.... 12.345678: page_fault_user: …`
struct Event {
  std::uint64_t pid = 0;
  std::string_view text;  // from the event's name on
};
std::optional<Event> event_of(std::string_view line) {
  const std::size_t cpu = line.find(" [");
  if (cpu == std::string_view::npos) return std::nullopt;
  const std::size_t dash = line.rfind('-', cpu);
  const std::size_t time = line.find(": ", cpu);
  if (dash == std::string_view::npos || time == std::string_view::npos) return std::nullopt;
  return Event{number(line.substr(dash + 1), 10), line.substr(time + 2)};
}

// `sys_enter: NR 18 (5, 7f0012345678, 1, 200000000000, …`
std::uint64_t file_position(std::string_view text) {
  for (int comma = 0; comma < 3; ++comma) {
    const std::size_t at = text.find(", ");
    if (at == std::string_view::npos) return 0;
    text.remove_prefix(at + 2);
  }
  return number(text, 16);
}

// Each page belongs to the fault or the call that stands before it.
class Reader {
 public:
  Reader(pid_t pid, std::uint64_t address)
      : pid_(static_cast<std::uint64_t>(pid)), page_(address & kPageMask) {}

  void take(std::string_view line) {
    if (line.starts_with("CPU:") && line.find("LOST") != std::string_view::npos) out_.lost = true;
    const auto event = event_of(line);
    if (!event || event->pid != pid_) return;
    const std::string_view text = event->text;
    if (text.starts_with("page_fault_user: ")) {
      here_ = (field(text, "address=") & kPageMask) == page_;
      if (here_) ++out_.faults;
    } else if (text.starts_with("page_fault_kernel: ")) {
      here_ = false;
    } else if (text.starts_with("sys_enter: ")) {
      here_ = (file_position(text) & kPageMask) == page_;
    } else if (here_ && text.starts_with("mm_page_alloc: ")) {
      ++out_.allocated;
      out_.frame = field(text, "pfn=");
      out_.frames = std::uint64_t{1} << (field(text, " order=") & 31u);
    }
  }
  [[nodiscard]] const Happened& out() const { return out_; }

 private:
  std::uint64_t pid_, page_;
  bool here_ = false;
  Happened out_;
};

}  // namespace

Happened happened(std::string_view text, pid_t pid, std::uint64_t address) {
  Reader reader(pid, address);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.out();
}

// Only of what this program starts, itself left out. Pages for data are movable (1), as a user's
// memory is and the kernel's own is not.
Events::Events() {
  const std::string self = std::to_string(getpid());
  instance_.write("buffer_size_kb", "256");
  instance_.write("set_event_pid", self);
  instance_.write("options/event-fork", "1");
  const std::string others = "common_pid != " + self;
  const auto enable = [&](const std::string& event, const std::string& filter) {
    instance_.write("events/" + event + "/filter", filter);
    instance_.write("events/" + event + "/enable", "1");
  };
  enable("exceptions/page_fault_user", others);
  enable("exceptions/page_fault_kernel", others);
  enable("kmem/mm_page_alloc", others + " && migratetype == 1");
  enable("raw_syscalls/sys_enter", others + " && (id == " + std::to_string(SYS_pread64) +
                                       " || id == " + std::to_string(SYS_pwrite64) + ")");
}

void Events::forget() {
  instance_.open_stream();
  text_.clear();
  static_cast<void>(instance_.read_stream(text_));
}

Happened Events::since(pid_t pid, std::uint64_t address) {
  text_.clear();
  const bool all = instance_.read_stream(text_);
  Happened out = happened(text_, pid, address);
  out.lost = out.lost || !all;
  return out;
}

}  // namespace cow::kernel

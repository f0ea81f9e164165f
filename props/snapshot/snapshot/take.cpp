#include "snapshot/take.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "snapshot/page_map.h"
#include "snapshot/same_memory.h"

namespace cow::snapshot {
namespace {

using trace::PageKind;
using trace::StateEntry;
using trace::StateFrame;

std::string under_proc(int pid, const char* name) { return fmt::format("/proc/{}/{}", pid, name); }

std::string read_text(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

// One process, held open: a number that another process gets meanwhile is not mistaken for it.
struct Source {
  Seen seen;
  std::unique_ptr<WordFile> page_map;
};

bool is_alive(int pid) { return kill(pid, 0) == 0 || errno == EPERM; }

std::optional<Refusal> open_process(int pid, Source& source) {
  if (!is_alive(pid)) return Refusal{Why::no_such_process, pid};
  source.seen.pid = pid;
  source.seen.name = first_line(under_proc(pid, "comm"));
  source.page_map = std::make_unique<WordFile>(under_proc(pid, "pagemap"));
  if (!source.page_map->is_open()) {
    const int error = source.page_map->why();
    if (error != ENOENT && error != ESRCH) return Refusal{Why::no_right, pid, 0, error};
    return Refusal{is_alive(pid) ? Why::no_memory : Why::ended, pid};
  }
  source.seen.areas = parse_areas(read_text(under_proc(pid, "maps")));
  if (source.seen.areas.empty()) return Refusal{is_alive(pid) ? Why::no_memory : Why::ended, pid};
  return std::nullopt;
}

// A place and what pagemap said of it.
struct Sighting {
  std::size_t process;
  const Area* area;
  std::uint32_t page;
  MapEntry entry;
};

std::vector<std::uint64_t> entries_of(const Source& source, const Area& area) {
  const auto page_size = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return source.page_map->read(area.begin / page_size, (area.end - area.begin) / page_size);
}

bool is_looked_at(const Area& area) {
  const auto page_size = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return !is_kernels_own(area) && (area.end - area.begin) / page_size <= kMostPages;
}

class Taker {
 public:
  explicit Taker(std::vector<Source> sources) : sources_(std::move(sources)) {}

  std::variant<Snapshot, Refusal> take() {
    for (std::size_t process = 0; process < sources_.size(); ++process) look(process);
    // The counts are read between two looks at the entries: what is equal in both belongs together.
    for (const Sighting& s : sightings_) learn(s.entry);
    drop_changed();
    for (const Source& source : sources_)
      if (!is_alive(source.seen.pid) || read_text(under_proc(source.seen.pid, "maps")).empty())
        return Refusal{Why::ended, source.seen.pid};
    for (const Sighting& s : sightings_) tell(s);
    for (Source& source : sources_) shot_.processes.push_back(std::move(source.seen));
    shot_.counts_visible = frames_.visible() && shot_.frames_visible;
    return std::move(shot_);
  }

 private:
  void look(std::size_t process) {
    const auto page_size = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    for (const Area& area : sources_[process].seen.areas) {
      if (!is_looked_at(area)) {
        if (!is_kernels_own(area)) ++shot_.left_out.too_large;
        continue;
      }
      const std::vector<std::uint64_t> words = entries_of(sources_[process], area);
      for (std::size_t page = 0; page < words.size(); ++page) {
        const MapEntry entry{words[page]};
        if (!entry.present() && !entry.is_swap()) continue;
        if (entry.frame() != 0) shot_.frames_visible = true;
        sightings_.push_back({process, &area, static_cast<std::uint32_t>(page), entry});
      }
      if (words.size() < (area.end - area.begin) / page_size) ++shot_.left_out.changed;
    }
  }

  void learn(const MapEntry& entry) {
    if (entry.frame() != 0 && !facts_.contains(entry.frame()))
      facts_[entry.frame()] = frames_.facts(entry.frame());
  }

  void drop_changed() {
    const Area* read = nullptr;
    std::size_t process = 0;
    std::vector<std::uint64_t> now;
    const auto changed = [&](const Sighting& s) {
      if (s.area != read || s.process != process) now = entries_of(sources_[s.process], *s.area);
      read = s.area;
      process = s.process;
      return s.page >= now.size() || MapEntry{now[s.page]} != s.entry;
    };
    const auto before = sightings_.size();
    std::erase_if(sightings_, changed);
    shot_.left_out.changed += before - sightings_.size();
  }

  void tell(const Sighting& s) {
    StateEntry entry;
    entry.place = {static_cast<std::uint32_t>(s.process), region_name(*s.area), s.page};
    if (s.entry.is_swap()) return tell_swap(s, std::move(entry));
    entry.share = s.area->share;
    // An entry allows no more than its area. What it allows within that is not shown.
    if (!s.area->may_write) entry.prot = Prot::ro;
    const auto number = s.entry.frame() != 0 ? known_frame(s.entry) : unknown_frame(s);
    if (!number) {
      ++shot_.left_out.without_frame;
      return;
    }
    entry.number = *number;
    shot_.state.entries.push_back(std::move(entry));
  }

  void tell_swap(const Sighting& s, StateEntry entry) {
    if (s.entry.swap_type() >= swap_areas_ || (s.entry.swap_slot() == 0 && !shot_.frames_visible)) {
      ++shot_.left_out.not_swap;
      return;
    }
    entry.shows = trace::Shows::swap;
    const auto next = static_cast<std::uint32_t>(slots_.size() + 1);
    entry.number = slots_.emplace(s.entry.swap_slot(), next).first->second;
    shot_.state.entries.push_back(std::move(entry));
  }

  std::optional<std::uint32_t> known_frame(const MapEntry& entry) {
    const auto next = static_cast<std::uint32_t>(shot_.state.frames.size() + 1);
    const auto [known, is_new] = numbers_.emplace(entry.frame(), next);
    if (!is_new) return known->second;
    const FrameFacts& facts = facts_[entry.frame()];
    StateFrame frame;
    frame.number = next;
    frame.kind = facts.kind;
    frame.mapcount = facts.mapcount;
    frame.swapcache = facts.swapcache;
    shot_.state.frames.push_back(frame);
    return next;
  }

  // A page that is mapped once is another one than any that is mapped elsewhere. Of one that is
  // mapped more often nobody can say which it is.
  std::optional<std::uint32_t> unknown_frame(const Sighting& s) {
    if (!s.entry.mapped_once()) return std::nullopt;
    StateFrame frame;
    frame.number = static_cast<std::uint32_t>(shot_.state.frames.size() + 1);
    frame.mapcount = 1;
    if (s.entry.shows_cache()) frame.kind = is_shmem(*s.area) ? PageKind::shmem : PageKind::file;
    else if (!ksm_is_used_) frame.kind = PageKind::anon;
    shot_.state.frames.push_back(frame);
    return frame.number;
  }

  std::vector<Source> sources_;
  Frames frames_;
  const bool ksm_is_used_ = ksm_is_used();
  const std::uint64_t swap_areas_ = swap_areas();
  std::vector<Sighting> sightings_;
  std::map<std::uint64_t, FrameFacts> facts_;
  std::map<std::uint64_t, std::uint32_t> numbers_, slots_;
  Snapshot shot_;
};

}  // namespace

std::string region_name(const Area& area) { return fmt::format("v{:x}", area.begin); }

std::variant<Snapshot, Refusal> take(const std::vector<int>& pids) {
  std::vector<Source> sources(pids.size());
  for (std::size_t i = 0; i < pids.size(); ++i)
    if (const auto refusal = open_process(pids[i], sources[i])) return *refusal;
  for (std::size_t i = 0; i < pids.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (share_memory(pids[i], pids[j])) return Refusal{Why::shares_memory, pids[i], pids[j]};
  return Taker(std::move(sources)).take();
}

}  // namespace cow::snapshot

// The steps of a trace, done by real processes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <vector>

#include "cow/outcome.h"
#include "cow/step.h"
#include "kernel/beyond.h"
#include "kernel/outcomes.h"
#include "kernel/plan.h"
#include "kernel/processes.h"
#include "kernel/references.h"
#include "kernel/sight.h"

namespace cow::kernel {

// The kernel does not do for this trace what it was thought to be able to do.
struct Cannot : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What a step came to.
struct Seen {
  Outcomes outcomes = 0;
  bool has_value = false;
  std::uint8_t value = 0;
  Entry before, after;             // of the step's page, where it names one
  std::optional<Happened> events;  // accesses, at Sight::events
};

class Stage {
 public:
  // Starts the first process. Throws Lost, Cannot or std::runtime_error, as run() does.
  Stage(const Setup& setup, const Plan& plan, References& references, Window& window,
        std::chrono::milliseconds limit);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage();

  Seen run(const Step& step);
  Seen run(const AnyStep& step);

  [[nodiscard]] bool alive(Pid p) const { return processes_.alive(p); }
  [[nodiscard]] bool lost_one() const { return processes_.lost_one(); }
  [[nodiscard]] pid_t pid(Pid p) const { return processes_.pid(p); }
  // Pages of the region of that name; 0: the process has no such name.
  [[nodiscard]] std::uint32_t pages_in(Pid p, Region r) const {
    return alive(p) ? areas_[at(p, r)].pages : 0;
  }
  // Of a watched page, as the last step left it.
  [[nodiscard]] const Entry& entry(Pid p, std::size_t row) const {
    return entries_[index(p) * plan_.rows + row];
  }
  // Nothing: it is not watched.
  [[nodiscard]] std::optional<Entry> entry(const Slot& slot) const;
  // The cells of a present, readable page, from inside its process. Nothing: a signal ended it.
  std::optional<std::vector<std::uint8_t>> peek(const Slot& from, std::uint32_t pages);

 private:
  // What a region of a process is, from the steps alone.
  struct Area {
    std::uint32_t pages = 0;
    Share share{};
    Backing backing{};
    bool hugetlb = false;
    std::set<std::uint32_t> locked;  // pages
  };

  [[nodiscard]] std::size_t at(Pid p, Region r) const {
    return index(p) * plan_.regions.size() + index(r);
  }
  Seen act(const Step& step);
  Outcome map(const Step& step, int flags);
  Outcome change(const Step& step);
  Outcome unmap(const Step& step);
  Outcome set_attributes(const Step& step);
  Outcome remap(const Step& step);
  Outcome lock(const Step& step);
  Outcome unlock(const Step& step);
  Outcome beyond(const AnyStep& any);
  Outcome map_huge(const Step& step);
  Outcome advise(const AnyStep& any);
  Outcome must(const Step& step, Task task, const char* name, std::uint8_t value = 0);
  Outcome by_system(const AnyStep& any);
  Outcome merge(const Slot& a, const Slot& b);
  int page_advice(const Slot& slot, int word);
  [[nodiscard]] std::uint64_t page_word(const Slot& slot) const;
  [[nodiscard]] Order order_over(Task task, const Step& step) const;
  // Whether every page of the step's range is mapped; whether any is, or any page of that name.
  [[nodiscard]] bool covered(const Step& step);
  [[nodiscard]] bool any_mapped(const Step& step);
  [[nodiscard]] bool any_mapped(Pid p, Region r);
  [[nodiscard]] bool is_private_anon(const Step& step) const;
  [[nodiscard]] bool any_locked(const Step& step) const;
  [[nodiscard]] std::uint64_t locked_pages(Pid p) const;
  Outcome fork(Pid p, Pid child);
  Outcome exit(Pid p);
  Outcome clear_refs(Pid p);
  Seen access(const Step& step);
  Seen through_reference(const Step& step);
  Outcomes pin(const Step& step);
  void make_files(const Setup& setup);
  void see(Pid p);
  void close_files();
  void look();
  void look_at(Pid p, const Place& place);
  [[nodiscard]] Entry entry_at(const Step& step) const {
    return entry({step.process, step.region, step.first}).value_or(Entry{});
  }

  const Plan& plan_;
  References& references_;
  Window& window_;
  std::chrono::milliseconds limit_;
  Processes processes_;
  std::vector<Area> areas_;     // by process and region
  std::vector<Entry> entries_;  // by process and row
  std::vector<int> pagemaps_;   // by process
  std::vector<int> files_;
  std::vector<Entry> looked_;
};

// A file that has no name, so that nothing is left behind whatever happens; -1: errno says why.
int make_nameless_file();
bool on_disk(int fd);

}  // namespace cow::kernel

// The contents that a program is promised, for every step that real processes can do: the ideal
// machine without frames, faults and counts.
//
// Where the kernel may choose, a page has several contents that are all right until one is seen:
// what was given up by `free` may still be there, and what mlock touches may stop following its
// file.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cow/outcome.h"
#include "cow/step.h"
#include "kernel/beyond.h"
#include "kernel/outcomes.h"
#include "kernel/plan.h"

namespace cow::kernel {

using Cells = std::array<std::uint8_t, kCells>;

// A page of a private mapping: what it may hold.
struct PrivatePage {
  bool follows = true;       // what lies behind it: zeros, or its file as it is now
  std::vector<Cells> holds;  // contents of its own

  void own(const Cells& behind);
  void may_own(const Cells& cells);
};

class Promised {
 public:
  Promised(const Setup& setup, const Plan& plan);

  // Why the step is refused; nothing: it is not, and what it does is done. `seen` is what the
  // kernel made of it, which counts where the kernel may choose.
  std::optional<Outcome> run(const AnyStep& any, Outcomes seen = 0);
  // Whether a read of that page, or through that reference, may see the value.
  bool admits(const Slot& slot, std::uint8_t cell, std::uint8_t value);
  bool admits(Ref k, std::uint8_t cell, std::uint8_t value);
  [[nodiscard]] std::string values(const Slot& slot, std::uint8_t cell) const;
  [[nodiscard]] bool readable(const Slot& slot) const;
  [[nodiscard]] bool alive(Pid p) const { return processes_[index(p)].alive; }

 private:
  // Whether a write is delivered to userspace.
  enum class Mark : std::uint8_t { no, maybe, yes };
  using BlockOf = std::pair<std::uint32_t, std::uint32_t>;  // an object, and its page
  struct Mapped {
    std::shared_ptr<PrivatePage> page;  // of a private mapping
    BlockOf block;                      // of a file, or of shared memory
    bool has_block = false;
    Prot prot{};
    bool dontfork = false, wipeonfork = false, locked = false, hugetlb = false;
    bool touched = false;  // its entry is present for certain
    Mark mark = Mark::no;  // of userfaultfd
  };
  struct Area {
    std::uint32_t pages = 0;  // of that name; 0: it has none
    std::map<std::uint32_t, Mapped> mapped;
  };
  struct Process {
    bool alive = false;
    std::vector<Area> areas;
  };
  struct Object {
    std::uint32_t pages = 0;
    std::uint8_t value = 0;
    std::map<std::uint32_t, Cells> written;
  };
  struct Reference {
    bool live = false, writable = false;
    std::shared_ptr<PrivatePage> page;
    std::optional<BlockOf> block;
  };
  using Refusal = std::optional<Outcome>;

  Area& area(const Step& s) { return processes_[index(s.process)].areas[index(s.region)]; }
  [[nodiscard]] const Mapped* find(const Slot& slot) const;
  [[nodiscard]] Cells behind(const Mapped& m) const;
  [[nodiscard]] bool past_end(const Mapped& m) const;
  void write(Mapped& m, std::uint8_t cell, std::uint8_t value);
  void write_block(const BlockOf& block, std::uint8_t cell, std::uint8_t value);
  void touch_for_lock(Mapped& m);
  static void may_be_gone(Mapped& m);

  Refusal map(const AnyStep& any);
  Refusal fork(const Step& s);
  Refusal through_reference(const Step& s);
  Refusal access(const Step& s, Outcomes seen);
  Refusal delivered(const Step& s, Mapped& m, Outcomes seen);
  Refusal pin(const Step& s, Mapped& m);
  Refusal over_range(const AnyStep& any, Outcomes seen);
  Refusal by_system(const AnyStep& any);
  Refusal advise(const Step& s, Outcomes seen);
  Refusal discard(const Step& s, bool lazily);
  Refusal over_mapped(const Step& s, Outcomes seen);
  Refusal remap(const Step& s);
  template <class Change> void each(const Step& s, Change change);

  std::vector<Process> processes_;
  std::vector<Object> objects_;  // files, then shared memory
  std::vector<Reference> refs_;
};

}  // namespace cow::kernel

#include "kernel/replay.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "kernel/borrowed.h"
#include "kernel/userfaults.h"

namespace cow::kernel {
namespace {

// Whether the bit that clear_refs empties is there: set on a page that was written.
bool has_soft_dirty() {
  constexpr unsigned kSoftDirty = 55;
  void* const page =
      mmap(nullptr, kPageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  *static_cast<volatile char*>(page) = 1;
  std::uint64_t word = 0;
  const int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  const auto at =
      static_cast<off_t>(reinterpret_cast<std::uintptr_t>(page) / kPageSize * sizeof word);
  const bool got = fd >= 0 && pread(fd, &word, sizeof word, at) == sizeof word;
  if (fd >= 0) close(fd);
  munmap(page, kPageSize);
  return got && (word >> kSoftDirty & 1u) != 0;
}

// Of what temporary files are like.
void probe_files(References& references, Facilities& facilities) {
  const int fd = make_nameless_file();
  if (fd < 0) return;
  facilities.disk = on_disk(fd);
  facilities.file_pins = write(fd, "", 1) == 1 && references.can_pin_file(fd);
  close(fd);
}

bool has_uffd_wp() {
  const int fd = open_userfaults();
  if (fd >= 0) close(fd);
  return fd >= 0;
}

// A process has a descriptor for its entries, another for its memory.
void raise_file_limit() {
  struct rlimit limit {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Tracepoints are there only for who asks for them, and never less in their place.
Sight choose(const Probed& probed, Sight most) {
  if (most != Sight::events) return std::min(probed.sight, most);
  if (probed.sight != Sight::frames) throw NoTracing(probed.why);
  return Sight::events;
}

class Replay {
 public:
  Replay(const Setup& setup, const std::vector<Step>& steps, const Rules& rules, Machine& machine,
         const OnStep& on_step)
      : steps_(steps),
        on_step_(on_step),
        plan_(plan_of(steps)),
        spec_(setup, rules),
        comparison_(plan_, spec_, machine.window()),
        stage_(setup, plan_, machine.references, machine.window(), machine.limit()) {}

  void take(Replayed& out) {
    for (std::size_t i = 0; i < steps_.size() && !out.disagreement; ++i) {
      out.steps = i + 1;
      out.disagreement = one(steps_[i], i, out);
    }
    if (!out.disagreement) out.disagreement = comparison_.contents(stage_);
    if (out.disagreement && stage_.lost_one()) throw Lost("a process has died");
    if (out.disagreement) out.disagreement->step = out.steps - 1;
    out.looked_at = comparison_.looked_at();
  }

 private:
  std::optional<Disagreement> one(const Step& step, std::size_t i, Replayed& out) {
    comparison_.before(step);
    const Result want = spec_.run(step);
    const Seen seen = stage_.run(step);
    const bool writes = step.op == Op::write || step.op == Op::force_write;
    if (writes && (seen.outcomes & kWriteFaults) != 0) ++out.write_faults;
    auto d = comparison_.answers(step, want, seen);
    if (!d) d = comparison_.entries(step, stage_);
    if (on_step_) on_step_(i, want, seen, stage_);
    return d;
  }

  static constexpr Outcomes kWriteFaults =
      any_of(Outcome::fresh, Outcome::copied, Outcome::reused, Outcome::enabled);

  const std::vector<Step>& steps_;
  const OnStep& on_step_;
  Plan plan_;
  spec::Specification spec_;
  Comparison comparison_;
  Stage stage_;
};

}  // namespace

Machine::Machine(Sight most, std::chrono::milliseconds limit)
    : Machine(probe_sight(), most, limit) {}

Machine::Machine(const Probed& probed, Sight most, std::chrono::milliseconds limit)
    : why_(probed.sight <= most ? probed.why : "asked for no more"),
      window_(choose(probed, most)),
      limit_(limit) {
  stay_on_one_cpu();
  raise_file_limit();
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);  // pages of order 0, in all model processes
  facilities_.io_uring = references.can_pin();
  facilities_.soft_dirty = has_soft_dirty();
  probe_files(references, facilities_);
  facilities_.uffd_wp = has_uffd_wp();
  facilities_.ksm = ksm_runs();
  facilities_.swap = has_swap();
  facilities_.huge_pages = has_huge_pages();
}

Replayed replay(const Setup& setup, const std::vector<Step>& steps, const Rules& rules,
                Machine& machine, const OnStep& on_step) {
  Replayed out;
  try {
    Replay(setup, steps, rules, machine, on_step).take(out);
  } catch (const Cannot& e) {
    out.cannot = e.what();
  } catch (const Lost& e) {
    out.disagreement = Disagreement{Sort::lost, out.steps == 0 ? 0 : out.steps - 1, "an answer",
                                    e.what(), std::nullopt};
  }
  return out;
}

}  // namespace cow::kernel

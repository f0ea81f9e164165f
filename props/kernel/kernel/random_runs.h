// Random traces from the generators of the laws, replayed; what disagrees is shrunk on the kernel.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/replay.h"
#include "laws/words.h"

namespace cow::kernel {

struct RandomOptions {
  std::uint64_t steps = 20'000;  // in all, at least
  std::uint64_t seed = 1;
  std::uint32_t size = 50;           // steps of a trace, at most
  std::vector<std::string> without;  // steps that are left out: of kCanBeLeftOut
};

// For kernels that are known to do a step in another way than their rule set. A `part`: a range
// that is not its whole area.
struct CanBeLeftOut {
  std::string_view word;
  Op op;
  bool parts_only;
};
inline constexpr std::array kCanBeLeftOut = {
    CanBeLeftOut{"advise", Op::advise, false},
    CanBeLeftOut{"advise-part", Op::advise, true},
    CanBeLeftOut{"force-read", Op::force_read, false},
    CanBeLeftOut{"force-write", Op::force_write, false},
    CanBeLeftOut{"lock", Op::lock, false},
    CanBeLeftOut{"pin", Op::pin, false},
    CanBeLeftOut{"protect", Op::protect, false},
    CanBeLeftOut{"protect-part", Op::protect, true},
    CanBeLeftOut{"remap", Op::remap, false},
    CanBeLeftOut{"remap-part", Op::remap, true},
    CanBeLeftOut{"unlock", Op::unlock, false},
    CanBeLeftOut{"unmap", Op::unmap, false},
    CanBeLeftOut{"unmap-part", Op::unmap, true},
};

struct RandomResult {
  std::uint64_t traces = 0, steps = 0, write_faults = 0, looked_at = 0;
  std::uint64_t stray_copies = 0;  // traces that were given up at one, twice or more in doubt
  std::uint64_t cannot = 0;        // traces that the kernel did not take
  std::string last_cannot;
  // What it stopped at, shrunk; more stray copies than may be are one, too.
  std::optional<laws::Case> witness;
  Disagreement disagreement;
  bool repeats = false;  // it shows again when run again
  double seconds = 0;
};

// The kernel may copy where the rule would reuse, if somebody holds a stray reference: at most so
// many of a thousand write faults.
inline constexpr std::uint64_t kStrayPerThousand = 2;
constexpr bool too_many_strays(std::uint64_t strays, std::uint64_t write_faults) {
  return strays * 1000 > kStrayPerThousand * write_faults;
}

// Called now and then, with what there is so far.
using OnProgress = std::function<void(const RandomResult&)>;

RandomResult run_random(const RandomOptions& options, const Rules& rules, Machine& machine,
                        const OnProgress& on_progress = {});

}  // namespace cow::kernel

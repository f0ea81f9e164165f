// A trace on the kernel and on the specification, step by step.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cow/rules.h"
#include "kernel/compare.h"
#include "kernel/disagreement.h"
#include "kernel/replayable.h"
#include "kernel/sight.h"
#include "kernel/stage.h"

namespace cow::kernel {

// What a replay needs of this machine, found out once.
class Machine {
 public:
  // Not more than `most` is looked at. Throws NoTracing if that is `events` and cannot be had.
  Machine(Sight most, std::chrono::milliseconds limit);

  [[nodiscard]] const Facilities& facilities() const { return facilities_; }
  [[nodiscard]] Sight sight() const { return window_.sight(); }
  // Why nothing finer is seen; empty if nothing finer is there.
  [[nodiscard]] const std::string& why() const { return why_; }

  References references;
  Window& window() { return window_; }
  [[nodiscard]] std::chrono::milliseconds limit() const { return limit_; }

 private:
  Machine(const Probed& probed, Sight most, std::chrono::milliseconds limit);

  std::string why_;
  Window window_;
  std::chrono::milliseconds limit_;
  Facilities facilities_;
};

struct Replayed {
  std::size_t steps = 0;           // taken
  std::uint64_t write_faults = 0;  // among them, by the program or by force
  std::uint64_t looked_at = 0;     // entries compared
  std::optional<Disagreement> disagreement;
  std::string cannot;  // why the kernel did not take the trace; empty: it did
};

// After each step that both agree on, or the one that they do not.
using OnStep = std::function<void(std::size_t, const Result&, const Seen&, Stage&)>;

// Until the end, or the first disagreement. REQUIRES: find_hindrance() finds nothing.
Replayed replay(const Setup& setup, const std::vector<Step>& steps, const Rules& rules,
                Machine& machine, const OnStep& on_step = {});

}  // namespace cow::kernel

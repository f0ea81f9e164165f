// Everything that can be seen of the processes, held against the specification after a step.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "kernel/disagreement.h"
#include "kernel/frames.h"
#include "kernel/plan.h"
#include "kernel/stage.h"
#include "logic/show.h"
#include "trace/trace.h"

namespace cow::kernel {

class Comparison {
 public:
  Comparison(const Plan& plan, const spec::Specification& spec, const Window& window)
      : plan_(plan), spec_(spec), window_(window) {}

  // Before the step: what the answer is judged by.
  void before(const Step& step);
  // What the step came to in both.
  std::optional<Disagreement> answers(const Step& step, const Result& want, const Seen& seen) const;
  // Entries, kinds, frames and mapcounts of every watched page.
  std::optional<Disagreement> entries(const Step& step, const Stage& stage);
  // The bytes of every watched page that is present and readable, seen by its process.
  std::optional<Disagreement> contents(Stage& stage) const;

  [[nodiscard]] std::uint64_t looked_at() const { return looked_; }

 private:
  struct Both {
    Slot slot;
    PteView want;
    Entry real;
  };
  // What the tracepoints say of an access that worked.
  [[nodiscard]] std::optional<Disagreement> events(const Step& step, Outcome want,
                                                   const Seen& seen) const;
  [[nodiscard]] bool mapped_around(const Slot& slot, const PteView& want, const Entry& real) const;
  std::optional<Disagreement> presence(const Both& both);
  std::optional<Disagreement> page(const Step& step, const Both& both);
  std::optional<Disagreement> identity(const Step& step, const Both& both, const PageView& page);
  std::optional<Disagreement> mapcounts() const;
  [[nodiscard]] bool readable(const Slot& slot) const;
  std::optional<Disagreement> contents_of(Stage& stage, Pid p, Region r) const;

  const Plan& plan_;
  const spec::Specification& spec_;
  const Window& window_;
  FramePairs pairs_;
  PteView was_;                                              // the step's entry before it
  std::uint32_t shmem_pages_ = 0;                            // before it
  std::vector<Both> present_;                                // in both
  std::unordered_map<std::uint64_t, std::uint32_t> around_;  // entries that only the kernel has
  std::uint64_t looked_ = 0;
};

}  // namespace cow::kernel

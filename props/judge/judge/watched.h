// The places that are looked at after each step.
//
// All pages of a small region; of a large one those that a step named, since no other page can have
// an entry.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cow/outcome.h"
#include "cow/step.h"

namespace cow::judge {

constexpr bool names_place(Op op) {
  switch (op) {
    case Op::unmap:
    case Op::protect:
    case Op::advise:
    case Op::read:
    case Op::write:
    case Op::force_read:
    case Op::force_write:
    case Op::pin:
    case Op::sys_ref:
    case Op::sys_unref: return true;
    default: return false;
  }
}

class Watched {
 public:
  static constexpr std::uint32_t kAllPages = 64;

  void note(const Step& step, Outcome outcome) {
    if (step.op == Op::map && !refused(outcome)) return map(step);
    if (step.op == Op::fork && !refused(outcome)) return fork(step.process, step.child);
    if (step.op == Op::exit && !refused(outcome)) return row(step.process).clear();
    if (!names_place(step.op) || outcome == Outcome::nosuch) return;
    touch(step, step.first);
    if (step.last != step.first) touch(step, step.last);
  }
  // The places of each process, dead ones' lists being empty; indexed by Pid.
  [[nodiscard]] const std::vector<std::vector<Slot>>& rows() const { return rows_; }

 private:
  std::vector<Slot>& row(Pid p) {
    if (index(p) >= rows_.size()) rows_.resize(index(p) + 1);
    return rows_[index(p)];
  }
  void map(const Step& step) {
    std::vector<Slot>& slots = row(step.process);
    std::erase_if(slots, [&](const Slot& s) { return s.region == step.region; });
    if (step.count > kAllPages) return;
    for (std::uint32_t page = 0; page < step.count; ++page)
      slots.push_back({step.process, step.region, page});
  }
  void fork(Pid parent, Pid child) {
    row(child);
    rows_[index(child)] = row(parent);
    for (Slot& s : rows_[index(child)]) s.process = child;
  }
  void touch(const Step& step, std::uint32_t page) {
    std::vector<Slot>& slots = row(step.process);
    const Slot slot{step.process, step.region, page};
    // From the end: what was named last is named again most often.
    if (std::find(slots.rbegin(), slots.rend(), slot) == slots.rend()) slots.push_back(slot);
  }

  std::vector<std::vector<Slot>> rows_{1};
};

}  // namespace cow::judge

// The places that are looked at after each step.
//
// All pages of a small region, and of one of huge pages up to 64 MiB; of a large one those that a
// step named: without huge pages no other page can have an entry.
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
    case Op::remap:
    case Op::lock:
    case Op::unlock:
    case Op::uffd_wp:
    case Op::read:
    case Op::write:
    case Op::force_read:
    case Op::force_write:
    case Op::pin:
    case Op::sys_ref:
    case Op::sys_unref:
    case Op::sys_swapout:
    case Op::sys_migrate:
    case Op::sys_ksm: return true;
    default: return false;
  }
}

class Watched {
 public:
  static constexpr std::uint32_t kAllPages = 64;
  static constexpr std::uint32_t kAllHugePages = 16384;

  void note(const Step& step, Outcome outcome) {
    if (step.op == Op::map && !refused(outcome)) return map(step);
    if (step.op == Op::fork && !refused(outcome)) return fork(step.process, step.child);
    if (step.op == Op::exit && !refused(outcome)) return row(step.process).clear();
    if (step.op == Op::remap && !refused(outcome)) return remap(step);
    if (!names_place(step.op) || outcome == Outcome::nosuch) return;
    const bool makes_huge = step.advice == Advice::hugepage || step.advice == Advice::collapse;
    if (step.op == Op::advise && makes_huge && !refused(outcome)) {
      huge_ = true;
      return populate(step);
    }
    if (step.op == Op::lock && step.last - step.first >= kAllPages) return populate(step);
    const bool all = step.op == Op::lock;
    for (std::uint32_t page = step.first; all && page < step.last; ++page) touch(step, page);
    touch(step, step.first);
    if (step.op == Op::sys_ksm) touch_other(step);
    if (step.last != step.first) touch(step, step.last);
  }
  // May one fault map more than the page that it was taken on?
  [[nodiscard]] bool huge() const { return huge_; }
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
    const bool huge = step.huge || step.hugetlb;
    huge_ = huge_ || huge;
    if (step.count > (huge ? kAllHugePages : kAllPages)) return;
    for (std::uint32_t page = 0; page < step.count; ++page)
      slots.push_back({step.process, step.region, page});
  }
  void fork(Pid parent, Pid child) {
    row(child);
    rows_[index(child)] = row(parent);
    for (Slot& s : rows_[index(child)]) s.process = child;
  }
  // The new places; the old ones may be named again.
  void remap(const Step& step) {
    std::vector<Slot>& slots = row(step.process);
    std::erase_if(slots, [&](const Slot& s) { return s.region == step.to; });
    for (std::size_t i = 0, n = slots.size(); i < n; ++i) {
      const Slot s = slots[i];
      if (s.region == step.region && s.page >= step.first && s.page <= step.last)
        slots.push_back({s.process, step.to, s.page - step.first});
    }
  }
  void populate(const Step& step) {
    std::vector<Slot>& slots = row(step.process);
    std::erase_if(slots, [&](const Slot& s) {
      return s.region == step.region && s.page >= step.first && s.page <= step.last;
    });
    for (std::uint64_t page = step.first; page <= step.last; ++page)
      slots.push_back({step.process, step.region, static_cast<std::uint32_t>(page)});
  }
  void touch_other(const Step& step) {
    Step other = step;
    other.process = step.child;
    other.region = step.to;
    touch(other, step.at);
  }
  void touch(const Step& step, std::uint32_t page) {
    std::vector<Slot>& slots = row(step.process);
    const Slot slot{step.process, step.region, page};
    // From the end: what was named last is named again most often.
    if (std::find(slots.rbegin(), slots.rend(), slot) == slots.rend()) slots.push_back(slot);
  }

  std::vector<std::vector<Slot>> rows_{1};
  bool huge_ = false;
};

}  // namespace cow::judge

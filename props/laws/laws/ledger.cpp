#include "laws/ledger.h"

#include <algorithm>
#include <utility>

namespace cow::laws {

void Ledger::start(const Bounds& bounds) {
  bounds_ = bounds;
  grounds_.assign(std::size_t{bounds.processes} * bounds.regions * bounds.pages, Ground{});
  asked_.assign(std::size_t{bounds.processes} * bounds.regions, false);
  has_pinned_.assign(bounds.processes, false);
  refs_.assign(bounds.refs, Taken{});
  strays_.clear();
  has_swapped_ = false;
}

std::uint32_t Ledger::strays(Frame f) const {
  return static_cast<std::uint32_t>(
      std::count_if(strays_.begin(), strays_.end(), [&](const Stray& s) { return s.frame == f; }));
}

std::uint64_t Ledger::held(const Scene& scene, Frame f) const {
  std::uint64_t n = strays(f);
  for (std::uint32_t k = 0; k < refs_.size(); ++k)
    if (refs_[k].live && scene.refs[k] == f) n += refs_[k].pin ? 1024 : 1;
  return n;
}

template <class F> void Ledger::in_range(const Step& step, F f) {
  for (std::uint32_t page = step.first; page <= step.last && page < bounds_.pages; ++page)
    f(grounds_[place({step.process, step.region, page})]);
}

// What a step leaves behind even if it is refused. Locked memory is written to where it can be.
void Ledger::attempt(const Step& step) {
  bool anonymous = step.op == Op::write || step.op == Op::force_write || step.op == Op::pin ||
                   step.op == Op::lock;
  if (step.op == Op::protect) in_range(step, [&](const Ground& g) { anonymous |= g.locked; });
  if (anonymous) asked_[index(step.process) * bounds_.regions + index(step.region)] = true;
  if (step.op == Op::pin && step.foll_pin) has_pinned_[index(step.process)] = true;
}

void Ledger::note(const Step& step, const Result& result, const Scene& before) {
  if (result.outcome != Outcome::nosuch && result.outcome != Outcome::inval) attempt(step);
  // What could not be filled for want of memory is locked.
  if (step.op == Op::lock && result.outcome == Outcome::oom)
    return in_range(step, [](Ground& g) { g.locked = g.mapped; });
  if (refused(result.outcome)) return;
  const Slot s{step.process, step.region, step.first};
  switch (step.op) {
    case Op::map: return map(step);
    case Op::unmap: return in_range(step, [](Ground& g) { g = {}; });
    case Op::protect: return in_range(step, [&](Ground& g) { g.prot = step.prot; });
    case Op::advise: return advise(step);
    case Op::remap: return remap(step);
    case Op::lock:
    case Op::unlock: return in_range(step, [&](Ground& g) { g.locked = step.op == Op::lock; });
    case Op::uffd_wp: return mark(step, before);
    case Op::sys_swapout: has_swapped_ = true; return;
    case Op::fork: return fork(step);
    case Op::exit: return exit(step.process);
    case Op::write:
    case Op::force_write: return in_range(step, [](Ground& g) { g.discarded = false; });
    case Op::pin:
      refs_[index(step.ref)] = {true,          step.foll_pin,    step.prot == Prot::rw,
                                step.longterm, ground(s).shared, s};
      return in_range(step, [](Ground& g) { g.discarded = false; });
    case Op::unpin: refs_[index(step.ref)].live = false; return;
    case Op::sys_ref: strays_.push_back({s, before.at(s).frame}); return;
    case Op::sys_unref: {
      const auto at = std::find_if(strays_.rbegin(), strays_.rend(),
                                   [&](const Stray& stray) { return stray.at == s; });
      if (at != strays_.rend()) strays_.erase(std::next(at).base());
      return;
    }
    default: return;
  }
}

void Ledger::map(const Step& step) {
  for (std::uint32_t page = 0; page < bounds_.pages; ++page) {
    Ground& g = grounds_[place({step.process, step.region, page})];
    g = {};
    if (page >= step.count) continue;
    g.mapped = true;
    g.shared = step.share == Share::shared;
    g.file = step.backing == Backing::file;
    g.prot = step.prot;
  }
  asked_[index(step.process) * bounds_.regions + index(step.region)] = false;
}

void Ledger::fork(const Step& step) {
  for (std::uint32_t r = 0; r < bounds_.regions; ++r) {
    for (std::uint32_t page = 0; page < bounds_.pages; ++page) {
      const Ground& from = grounds_[place({step.process, Region{r}, page})];
      Ground& to = grounds_[place({step.child, Region{r}, page})];
      to = from.dontfork ? Ground{} : from;
      if (to.wipeonfork) to.discarded = false;
      to.locked = to.marked = false;
    }
    asked_[index(step.child) * bounds_.regions + r] =
        asked_[index(step.process) * bounds_.regions + r];
  }
  has_pinned_[index(step.child)] = false;
}

void Ledger::remap(const Step& step) {
  for (std::uint32_t page = 0; page < bounds_.pages; ++page) {
    Ground& to = grounds_[place({step.process, step.to, page})];
    to = {};
    if (page > step.last - step.first || step.first + page >= bounds_.pages) continue;
    std::swap(to, grounds_[place({step.process, step.region, step.first + page})]);
    to.marked = false;
  }
  for (Taken& taken : refs_) {
    Slot& at = taken.owner;
    if (at.process == step.process && at.region == step.region && at.page >= step.first &&
        at.page <= step.last)
      at = {at.process, step.to, at.page - step.first};
  }
  const std::size_t row = std::size_t{index(step.process)} * bounds_.regions;
  asked_[row + index(step.to)] = asked_[row + index(step.region)];
}

void Ledger::exit(Pid p) {
  for (std::uint32_t r = 0; r < bounds_.regions; ++r) {
    for (std::uint32_t page = 0; page < bounds_.pages; ++page)
      grounds_[place({p, Region{r}, page})] = {};
    asked_[index(p) * bounds_.regions + r] = false;
  }
  has_pinned_[index(p)] = false;
}

void Ledger::advise(const Step& step) {
  has_swapped_ = has_swapped_ || step.advice == Advice::pageout;
  in_range(step, [&](Ground& g) {
    if (step.advice == Advice::dontneed) g.discarded = !g.shared && !g.file;
    if (step.advice == Advice::dontneed) g.marked = false;
    if (step.advice == Advice::dontfork) g.dontfork = true;
    if (step.advice == Advice::dofork) g.dontfork = false;
    if (step.advice == Advice::wipeonfork) g.wipeonfork = true;
    if (step.advice == Advice::keeponfork) g.wipeonfork = false;
    if (step.advice == Advice::mergeable) g.mergeable = !g.shared;
    if (step.advice == Advice::unmergeable) g.mergeable = false;
  });
}

// Only an entry that is there can be marked.
void Ledger::mark(const Step& step, const Scene& before) {
  for (std::uint32_t page = step.first; page <= step.last && page < bounds_.pages; ++page) {
    const Slot s{step.process, step.region, page};
    grounds_[place(s)].marked = step.on && (before.at(s).present || before.at(s).swapped);
  }
}

}  // namespace cow::laws

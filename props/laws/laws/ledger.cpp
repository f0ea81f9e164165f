#include "laws/ledger.h"

#include <algorithm>

namespace cow::laws {

void Ledger::start(const Bounds& bounds) {
  bounds_ = bounds;
  grounds_.assign(std::size_t{bounds.processes} * bounds.regions * bounds.pages, Ground{});
  asked_.assign(std::size_t{bounds.processes} * bounds.regions, false);
  has_pinned_.assign(bounds.processes, false);
  refs_.assign(bounds.refs, Taken{});
  strays_.clear();
}

std::uint32_t Ledger::strays(Frame f) const {
  return static_cast<std::uint32_t>(
      std::count_if(strays_.begin(), strays_.end(), [&](const Stray& s) { return s.frame == f; }));
}

template <class F> void Ledger::in_range(const Step& step, F f) {
  for (std::uint32_t page = step.first; page <= step.last && page < bounds_.pages; ++page)
    f(grounds_[place({step.process, step.region, page})]);
}

// What a step leaves behind even if it is refused.
void Ledger::attempt(const Step& step) {
  const bool anonymous = step.op == Op::write || step.op == Op::force_write || step.op == Op::pin;
  if (anonymous) asked_[index(step.process) * bounds_.regions + index(step.region)] = true;
  if (step.op == Op::pin && step.foll_pin) has_pinned_[index(step.process)] = true;
}

void Ledger::note(const Step& step, const Result& result, const Scene& before) {
  if (result.outcome != Outcome::nosuch && result.outcome != Outcome::inval) attempt(step);
  if (refused(result.outcome)) return;
  const Slot s{step.process, step.region, step.first};
  switch (step.op) {
    case Op::map: return map(step);
    case Op::unmap: return in_range(step, [](Ground& g) { g = {}; });
    case Op::protect: return in_range(step, [&](Ground& g) { g.prot = step.prot; });
    case Op::advise: return advise(step);
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
    }
    asked_[index(step.child) * bounds_.regions + r] =
        asked_[index(step.process) * bounds_.regions + r];
  }
  has_pinned_[index(step.child)] = false;
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
  in_range(step, [&](Ground& g) {
    if (step.advice == Advice::dontneed) g.discarded = !g.shared && !g.file;
    if (step.advice == Advice::dontfork) g.dontfork = true;
    if (step.advice == Advice::dofork) g.dontfork = false;
    if (step.advice == Advice::wipeonfork) g.wipeonfork = true;
    if (step.advice == Advice::keeponfork) g.wipeonfork = false;
  });
}

}  // namespace cow::laws

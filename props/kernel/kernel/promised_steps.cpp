// What each step does to the contents that are promised.
#include <algorithm>

#include "kernel/promised.h"

namespace cow::kernel {
namespace {

bool by_reference(Op op) { return op >= Op::ref_read && op <= Op::unpin; }
bool is_access(Op op) { return op >= Op::read && op <= Op::pin; }

}  // namespace

std::optional<Outcome> Promised::run(const AnyStep& any, Outcomes seen) {
  const Step& s = any.step;
  if (by_reference(s.op) && any.beyond == Beyond::none) return through_reference(s);
  if (!alive(s.process)) return Outcome::nosuch;
  if (any.beyond == Beyond::none || maps(any.beyond)) {
    if (s.op == Op::map) return map(any);
    if (s.op == Op::fork) return fork(s);
    if (s.op == Op::exit) {
      processes_[index(s.process)] = {false, std::vector<Area>(processes_[0].areas.size())};
      return std::nullopt;
    }
    if (s.op == Op::sys_clear_refs) return std::nullopt;
    if (is_access(s.op)) return access(s, seen);
  }
  if (any.beyond == Beyond::swap_out || any.beyond == Beyond::merge) return by_system(any);
  return over_range(any, seen);
}

Promised::Refusal Promised::map(const AnyStep& any) {
  const Step& s = any.step;
  Area& to = area(s);
  if (!to.mapped.empty()) return Outcome::inval;
  to.pages = s.count;
  Mapped m;
  m.prot = s.prot;
  m.hugetlb = any.beyond == Beyond::map_hugetlb;
  m.block.first = index(s.file);
  m.has_block = s.backing == Backing::file || s.share == Share::shared;
  if (s.backing == Backing::anon && m.has_block) {
    m.block.first = static_cast<std::uint32_t>(objects_.size());
    objects_.push_back({s.count, 0, {}});
  }
  for (std::uint32_t page = 0; page < s.count; ++page) {
    m.block.second = s.at + page;
    if (s.share == Share::private_) m.page = std::make_shared<PrivatePage>();
    to.mapped[page] = m;
  }
  return std::nullopt;
}

// A lock is not inherited, nor are the marks of userfaultfd.
Promised::Refusal Promised::fork(const Step& s) {
  Process& child = processes_[index(s.child)];
  if (child.alive) return Outcome::inval;
  child = processes_[index(s.process)];
  for (Area& a : child.areas) {
    std::erase_if(a.mapped, [](const auto& at) { return at.second.dontfork; });
    for (auto& [page, m] : a.mapped) {
      m.locked = m.touched = false;
      m.mark = Mark::no;
      if (m.page) m.page = std::make_shared<PrivatePage>(m.wipeonfork ? PrivatePage{} : *m.page);
    }
  }
  return std::nullopt;
}

Promised::Refusal Promised::through_reference(const Step& s) {
  Reference& ref = refs_[index(s.ref)];
  if (!ref.live) return Outcome::nosuch;
  if (s.op == Op::unpin) ref = {};
  if (s.op != Op::ref_write) return std::nullopt;
  if (!ref.writable) return Outcome::inval;
  if (ref.block) write_block(*ref.block, s.cell, s.value);
  else
    for (Cells& cells : ref.page->holds) cells[s.cell] = s.value;
  return std::nullopt;
}

// By force a private mapping can be written, and anything mapped be read; every refusal is `segv`.
Promised::Refusal Promised::access(const Step& s, Outcomes seen) {
  Area& a = area(s);
  if (s.first >= a.pages) return Outcome::nosuch;
  if (s.op == Op::pin && refs_[index(s.ref)].live) return Outcome::inval;
  const auto at = a.mapped.find(s.first);
  if (at == a.mapped.end()) return Outcome::segv;
  Mapped& m = at->second;
  const bool force = s.op == Op::force_read || s.op == Op::force_write;
  const bool writes =
      s.op == Op::write || s.op == Op::force_write || (s.op == Op::pin && s.prot == Prot::rw);
  const bool allowed =
      writes ? m.prot == Prot::rw || (force && m.page) : m.prot != Prot::none || force;
  if (!allowed) return Outcome::segv;
  if (past_end(m)) return force ? Outcome::segv : Outcome::sigbus;
  if (writes && m.mark != Mark::no)
    if (const Refusal refusal = delivered(s, m, seen)) return refusal;
  m.touched = true;
  if (s.op == Op::pin) return pin(s, m);
  if (writes) write(m, s.cell, s.value);
  return std::nullopt;
}

// A write to a page that is marked, or may be. By force it is just refused.
Promised::Refusal Promised::delivered(const Step& s, Mapped& m, Outcomes seen) {
  const bool refused = (seen & any_of(Outcome::segv, Outcome::sigbus)) != 0;
  if (m.mark == Mark::maybe) m.mark = refused ? Mark::yes : Mark::no;
  if (m.mark == Mark::no) return std::nullopt;
  return s.op == Op::force_write ? Outcome::segv : Outcome::uffd;
}

// What takes an entry away may take its mark along.
void Promised::may_be_gone(Mapped& m) {
  m.touched = false;
  if (m.mark == Mark::yes) m.mark = Mark::maybe;
}

// Where nothing is mapped there is nothing to do it to; else the kernel may decline.
Promised::Refusal Promised::by_system(const AnyStep& any) {
  const Slot here{any.step.process, any.step.region, any.step.first};
  const std::array<Slot, 2> both = {here, any.other};
  const std::size_t slots = any.beyond == Beyond::merge ? 2 : 1;
  for (std::size_t i = 0; i < slots; ++i) {
    const Slot& slot = both[i];
    if (!alive(slot.process) ||
        slot.page >= processes_[index(slot.process)].areas[index(slot.region)].pages)
      return Outcome::nosuch;
  }
  for (std::size_t i = 0; i < slots; ++i) {
    auto& mapped = processes_[index(both[i].process)].areas[index(both[i].region)].mapped;
    const auto at = mapped.find(both[i].page);
    if (at == mapped.end()) return Outcome::segv;
    may_be_gone(at->second);
  }
  return std::nullopt;
}

Promised::Refusal Promised::pin(const Step& s, Mapped& m) {
  const bool writable = s.prot == Prot::rw;
  Reference& ref = refs_[index(s.ref)];
  ref = {true, writable, nullptr, std::nullopt};
  if (m.page && writable) m.page->own(behind(m));
  if (m.page) ref.page = m.page;
  else ref.block = m.block;
  return std::nullopt;
}

template <class Change> void Promised::each(const Step& s, Change change) {
  auto& mapped = area(s).mapped;
  for (auto at = mapped.lower_bound(s.first); at != mapped.end() && at->first <= s.last; ++at)
    change(at->second);
}

// mlock touches what it locks, for writing where that may be: so does mprotect that allows it.
void Promised::touch_for_lock(Mapped& m) {
  if (m.locked && m.page && m.page->follows && m.prot == Prot::rw && !past_end(m))
    m.page->may_own(behind(m));
}

Promised::Refusal Promised::over_range(const AnyStep& any, Outcomes seen) {
  const Step& s = any.step;
  Area& a = area(s);
  if (s.last >= a.pages) return Outcome::nosuch;
  const auto from = a.mapped.lower_bound(s.first), to = a.mapped.upper_bound(s.last);
  if (any.beyond == Beyond::none && s.op == Op::unmap) {
    a.mapped.erase(from, to);
    return std::nullopt;
  }
  const auto many = static_cast<std::uint32_t>(std::distance(from, to));
  const auto advises = [&](Advice advice) {
    return any.beyond == Beyond::none && s.op == Op::advise && s.advice == advice;
  };
  const bool locked = std::any_of(from, to, [](const auto& at) { return at.second.locked; });
  if (advises(Advice::wipeonfork) && many > 0 && (!from->second.page || from->second.has_block))
    return Outcome::inval;
  if ((advises(Advice::dontneed) || any.beyond == Beyond::pageout) && locked) return Outcome::inval;
  const bool uffd = any.beyond == Beyond::uffd_on || any.beyond == Beyond::uffd_off;
  if (uffd && many > 0 && from->second.has_block) return Outcome::inval;
  if (many != s.last - s.first + 1) return Outcome::segv;
  switch (any.beyond) {
    case Beyond::none: return over_mapped(s, seen);
    case Beyond::uffd_on:
    case Beyond::uffd_off:
      each(s, [&](Mapped& m) {
        const bool on = any.beyond == Beyond::uffd_on;
        m.mark = !on ? Mark::no : m.touched ? Mark::yes : Mark::maybe;
      });
      return std::nullopt;
    case Beyond::free: return discard(s, true);
    case Beyond::collapse:
    case Beyond::pageout: each(s, may_be_gone); return std::nullopt;
    default: return std::nullopt;  // nothing that a program sees
  }
}

// Hugetlb memory stays as it is where it is locked.
Promised::Refusal Promised::over_mapped(const Step& s, Outcomes seen) {
  if (s.op == Op::advise) return advise(s, seen);
  if (s.op == Op::remap) return remap(s);
  each(s, [&](Mapped& m) {
    if (s.op == Op::protect) m.prot = s.prot;
    else m.locked = s.op == Op::lock && !m.hugetlb;
    touch_for_lock(m);
  });
  return std::nullopt;
}

// Before 5.18 hugetlb memory could not be discarded; it cannot be wiped on fork.
Promised::Refusal Promised::advise(const Step& s, Outcomes seen) {
  const bool hugetlb = area(s).mapped.at(s.first).hugetlb;
  if (hugetlb && s.advice == Advice::wipeonfork) return Outcome::inval;
  if (s.advice == Advice::dontneed && hugetlb && contains(seen, Outcome::inval))
    return Outcome::inval;
  if (s.advice == Advice::dontneed) return discard(s, false);
  each(s, [&](Mapped& m) {
    if (s.advice == Advice::dontfork || s.advice == Advice::dofork)
      m.dontfork = s.advice == Advice::dontfork;
    else m.wipeonfork = s.advice == Advice::wipeonfork;
  });
  return std::nullopt;
}

// By `free` what is locked refuses it; what lies before that has been discarded.
Promised::Refusal Promised::discard(const Step& s, bool lazily) {
  Refusal refusal;
  each(s, [&](Mapped& m) {
    if (lazily && (m.locked || !m.page || m.has_block || m.hugetlb)) refusal = Outcome::inval;
    if (refusal) return;
    may_be_gone(m);
    if (!m.page) return;
    if (lazily) m.page->follows = true;  // as well as what it holds
    else m.page = std::make_shared<PrivatePage>();
  });
  return refusal;
}

Promised::Refusal Promised::remap(const Step& s) {
  Area& from = area(s);
  Area& to = processes_[index(s.process)].areas[index(s.to)];
  if (!to.mapped.empty()) return Outcome::inval;
  to.pages = s.last - s.first + 1;
  for (std::uint32_t page = s.first; page <= s.last; ++page) {
    to.mapped[page - s.first] = from.mapped.at(page);
    may_be_gone(to.mapped[page - s.first]);
    from.mapped.erase(page);
  }
  return std::nullopt;
}

}  // namespace cow::kernel

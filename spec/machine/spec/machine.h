// The specification as a machine that takes steps: the loops around the events, nothing decided
// here.
#pragma once

#include <algorithm>
#include <utility>

#include "cow/step.h"
#include "logic/concrete.h"
#include "spec/fork.h"
#include "spec/gup.h"
#include "spec/vma.h"
#include "spec/zap.h"

namespace cow::spec {

template <class L = Concrete>
class Machine {
 public:
  Machine(const Setup& setup, const Rules& rules) {
    m.rules = rules;
    m.memory.limit = setup.frames;
    m.page[m.zero_page()].allocated = yes;
    for (const FileSetup& f : setup.files) add_object(f.pages, f.value);
    alive_.push_back(true);
  }
  Result run(const Step& step) {
    for_all_tables([](auto& table) { table.forget(); });
    return step.op >= Op::ref_read && step.op <= Op::unpin ? through_reference(step) : act(step);
  }

  State<L> m;

  // Named references and stray ones share one table: even numbers, odd numbers.
  static RefId name(Ref k) { return RefId{2 * index(k)}; }

  bool alive(Pid p) const { return index(p) < alive_.size() && alive_[index(p)]; }
  std::uint32_t pages_in(Pid p, Region r) const {
    const RegionLayout* region = m.area.find(p, r);
    return alive(p) && region ? region->pages : 0;
  }
  bool is_mapped(const Slot& s) const {
    return s.page < pages_in(s.process, s.region) &&
           m.area.find(s.process, s.region)->areas.at(s.page) != nullptr;
  }
  void for_all_tables(auto f) {
    f(m.pte), f(m.page), f(m.block), f(m.ref), f(m.mapped), f(m.gets), f(m.pins), f(m.rss);
    f(m.vma), f(m.mm), f(m.copying), f(m.temps), f(m.fresh);
  }

 private:
  static constexpr ThreadId kThread{0};
  static constexpr int kFaults = 8;  // LIVE-1: no access needs more

  Result act(const Step& step) {
    const Pid p = step.process;
    if (!alive(p)) return {Outcome::nosuch};
    switch (step.op) {
      case Op::map:
        return {map(step)};
      case Op::fork:
        return {fork(p, step.child)};
      case Op::exit:
        return {exit(p)};
      case Op::sys_clear_refs:
        return {clear_refs(p)};
      case Op::sys_fail_alloc:
        m.memory.fail_in = step.count;
        return {};
      case Op::sys_fail_table:
        return {};
      default:
        break;
    }
    if (step.last >= pages_in(p, step.region)) return {Outcome::nosuch};
    switch (step.op) {
      case Op::unmap:
        return {unmap(p, step.region, step.first, step.last)};
      case Op::protect:
      case Op::advise:
        return {change(step)};
      case Op::sys_unref:
        return {sys_unref({p, step.region, step.first})};
      default:
        break;
    }
    const Slot s{p, step.region, step.first};
    if (step.op == Op::pin && m.ref[name(step.ref)].live) return {Outcome::inval};
    if (!is_mapped(s)) return {Outcome::segv};
    switch (step.op) {
      case Op::pin:
        return {pin(s, step)};
      case Op::sys_ref:
        return {sys_ref(s)};
      default:
        return access(s, step);
    }
  }

  // Faults until the entry allows the access; the outcome is the first fault's.
  std::optional<Outcome> fault(const Slot& s, Access access) {
    for (int i = 0; i < kFaults; ++i) {
      if (const auto done = handle_pte_fault(m, kThread, s, access)) return *done;
      if (!wp_copy_contents(m, kThread)) return Outcome::oom;
      if (wp_copy_switch(m, kThread)) return Outcome::copied;
    }
    return Outcome::busy;
  }
  Outcome fault_until(const Slot& s, auto next_access) {
    std::optional<Outcome> first;
    for (int i = 0; i < kFaults; ++i) {
      const std::optional<Access> want = next_access();
      if (!want) return first.value_or(Outcome::hit);
      const Outcome o = *fault(s, *want);
      if (refused(o)) return o;
      if (!first) first = o;
    }
    return Outcome::busy;
  }

  Result access(const Slot& s, const Step& step) {
    const bool force = step.op == Op::force_read || step.op == Op::force_write;
    const bool write = step.op == Op::write || step.op == Op::force_write;
    const auto& vma = std::as_const(m).vma[m.area.of(s)];
    const bool allowed = write ? vma.write || (force && !vma.shared) : vma.read || force;
    if (!allowed) return {Outcome::segv};  // WP-5
    const Access a = write ? Access::write : Access::read;
    const Outcome o = force ? get_forced(s, a) : use(s, a);
    if (refused(o)) return {force ? Outcome::segv : o};
    const Frame f = m.frame_at(s);
    if (!write) return {o, true, std::as_const(m).page[f].data[step.cell]};
    store(m, f, step.cell, step.value);
    return {o};
  }
  Outcome use(const Slot& s, Access a) {
    const Outcome o = fault_until(s, [&]() -> std::optional<Access> {
      if (pte_allows(m, s, a)) return std::nullopt;
      return a;
    });
    if (!refused(o)) mark_accessed(m, s, a);
    return o;
  }
  // FOLL_FORCE. Before 6.0 a write is content with a read-only entry once a fault of this very call
  // has done the COW step and the entry is dirty (FOLL_COW, PIN-4).
  Outcome get_forced(const Slot& s, Access a) {
    bool present_before = false;
    int faults = 0;
    return fault_until(s, [&]() -> std::optional<Access> {
      const auto& pte = std::as_const(m).pte[s];
      const bool cow_done =
          present_before && faults > 0 && pte.dirty && !std::as_const(m).vma[m.area.of(s)].write;
      if (pte_allows(m, s, a) || force_accepts(m, s)) return std::nullopt;
      if (!m.rules.force_accepts_exclusive && cow_done && pte.present) return std::nullopt;
      present_before = pte.present;
      ++faults;
      return a;
    });
  }

  Outcome pin(const Slot& s, const Step& step) {
    const Gup gup{step.prot == Prot::rw, step.foll_pin, step.longterm, step.fast, false};
    if (gup.pin) mark_has_pinned(m, s);
    const auto& vma = std::as_const(m).vma[m.area.of(s)];
    if (gup.write ? !vma.write : !vma.read) return Outcome::segv;
    if (!(gup.fast && gup_fast_takes(m, s, gup))) {
      const Outcome o = fault_until(s, [&] { return gup_needs_fault(m, s, gup); });
      if (refused(o)) return o;
    }
    grab_page(m, name(step.ref), s, gup);
    return Outcome::ok;
  }
  Result through_reference(const Step& step) {
    const auto k = name(step.ref);
    const auto& ref = std::as_const(m).ref[k];
    if (!ref.live) return {Outcome::nosuch};
    if (step.op == Op::ref_read) return {Outcome::ok, true, page_of(ref.frame).data[step.cell]};
    if (step.op == Op::ref_write && !ref.write) return {Outcome::inval};
    if (step.op == Op::ref_write)
      store(m, Frame{ref.frame}, step.cell, step.value);
    else
      release_page(m, k);
    return {};
  }
  Outcome sys_ref(const Slot& s) {
    if (!std::as_const(m).pte[s].present) return Outcome::inval;
    strays_.emplace_back(s, stray_name(next_stray_++));
    grab_page(m, strays_.back().second, s,
              Gup{.write = false, .pin = false, .longterm = false, .fast = false, .stray = true});
    return Outcome::ok;
  }
  Outcome sys_unref(const Slot& s) {
    for (std::size_t i = strays_.size(); i-- > 0;) {
      if (strays_[i].first != s) continue;
      release_page(m, strays_[i].second);
      strays_.erase(strays_.begin() + static_cast<std::ptrdiff_t>(i));
      return Outcome::ok;
    }
    return Outcome::inval;
  }

  Outcome map(const Step& step) {
    RegionLayout& region = m.area.region(step.process, step.region);
    if (!region.areas.all().empty()) return Outcome::inval;
    const bool shmem = step.backing == Backing::anon && step.share == Share::shared;
    Vma<L> row{};
    row.read = step.prot != Prot::none;
    row.write = step.prot == Prot::rw;
    row.shared = step.share == Share::shared;
    row.file = shmem || step.backing == Backing::file;
    row.shmem = shmem;
    region.pages = step.count;
    region.object = shmem ? add_object(step.count, 0) : index(step.file);
    region.at = step.at;
    region.areas.insert({0, step.count - 1, m.vma.append(row)});
    if (row.file) m.area.object_users[region.object] += step.count;
    return Outcome::ok;
  }
  std::uint32_t add_object(std::uint32_t pages, std::uint8_t value) {
    m.area.object_pages.push_back(pages);
    m.area.object_users.push_back(0);
    m.area.object_value.push_back(value);
    return static_cast<std::uint32_t>(m.area.object_value.size() - 1);
  }

  // f(slot) for every present entry of the range.
  void for_present(Pid p, Region r, std::uint32_t first, std::uint32_t last, auto f) {
    std::vector<Slot> slots;
    m.pte.for_each(Slot{p, r, first}, last, [&](const Slot& s, const auto& pte) {
      if (pte.present) slots.push_back(s);
    });
    for (const Slot& s : slots) f(s);
  }
  Outcome unmap(Pid p, Region r, std::uint32_t first, std::uint32_t last) {
    for_present(p, r, first, last, [&](const Slot& s) { zap(m, s); });
    RegionLayout& region = m.area.region(p, r);
    for (const auto& run : region.areas.all()) {
      const std::int64_t from = std::max(run.first, first), to = std::min(run.last, last);
      if (from <= to && m.vma[run.value].file) drop_users(region.object, to - from + 1, run.value);
    }
    region.areas.erase(first, last, [&](VmaId v) { return m.vma.append(m.vma[v]); });
    return Outcome::ok;
  }
  // Shared anonymous memory that no area shows any more goes.
  void drop_users(std::uint32_t object, std::int64_t pages, VmaId vma) {
    m.area.object_users[object] -= static_cast<std::uint64_t>(pages);
    if (m.area.object_users[object] > 0 || !m.vma[vma].shmem) return;
    std::vector<BlockId> blocks;
    m.block.for_each({object, 0}, kMaxPages,
                     [&](const BlockId& b, const auto&) { blocks.push_back(b); });
    for (const BlockId& b : blocks) evict(m, b);
  }
  Outcome exit(Pid p) {
    auto& regions = m.area.regions(p);
    for (std::uint32_t r = 0; r < regions.size(); ++r)
      if (regions[r].pages > 0) unmap(p, Region{r}, 0, regions[r].pages - 1);
    regions.clear();
    m.mm[p].has_pinned = no;
    alive_[index(p)] = false;
    return Outcome::ok;
  }

  // mprotect and madvise: area by area, each with its entries.
  Outcome change(const Step& step) {
    RegionLayout& region = m.area.region(step.process, step.region);
    const bool wipe = step.op == Op::advise && step.advice == Advice::wipeonfork;
    for (const auto& run : region.areas.all())
      if (wipe && run.first <= step.last && run.last >= step.first && m.vma[run.value].file)
        return Outcome::inval;
    if (!region.areas.covers(step.first, step.last)) return Outcome::segv;
    if (step.op == Op::advise && step.advice == Advice::dontneed) {
      for_present(step.process, step.region, step.first, step.last,
                  [&](const Slot& s) { zap(m, s); });
      return Outcome::ok;
    }
    for (std::uint64_t page = step.first; page <= step.last;) {
      const auto from = static_cast<std::uint32_t>(page);
      const std::size_t i = region.areas.find(from);
      const std::uint32_t last = std::min(region.areas.all()[i].last, step.last);
      Vma<L> want = m.vma[region.areas.all()[i].value];
      set_flags(want, step);
      page = std::uint64_t{last} + 1;
      if (same_flags(want, m.vma[region.areas.all()[i].value])) continue;
      change_area(m, region.areas, i, from, last, want);
      if (step.op == Op::protect)
        for_present(step.process, step.region, from, last,
                    [&](const Slot& s) { change_protection(m, s); });
    }
    return Outcome::ok;
  }
  static void set_flags(Vma<L>& vma, const Step& step) {
    if (step.op == Op::protect) {
      vma.read = step.prot != Prot::none;
      vma.write = step.prot == Prot::rw;
    } else if (step.advice == Advice::dontfork || step.advice == Advice::dofork) {
      vma.dontfork = step.advice == Advice::dontfork;
    } else {
      vma.wipeonfork = step.advice == Advice::wipeonfork;
    }
  }
  Outcome clear_refs(Pid p) {
    const auto& regions = m.area.regions(p);
    for (std::uint32_t r = 0; r < regions.size(); ++r)
      for_present(p, Region{r}, 0, kMaxPages, [&](const Slot& s) {
        if (!m.vma[m.area.of(s)].shared) clear_soft_dirty(m, s);
      });
    return Outcome::ok;
  }

  // dup_mmap, area after area; a failure takes the child away again (ERR-1).
  Outcome fork(Pid p, Pid child) {
    if (alive(child)) return Outcome::inval;
    if (index(child) >= alive_.size()) alive_.resize(index(child) + 1);
    alive_[index(child)] = true;
    const std::size_t names = m.area.regions(p).size();
    for (std::uint32_t r = 0; r < names; ++r) {
      RegionLayout to = m.area.region(p, Region{r});
      to.areas.all().clear();
      m.area.region(child, Region{r}) = to;
      const auto from = m.area.region(p, Region{r}).areas.all();
      for (const auto& run : from)
        if (!m.vma[run.value].dontfork && !copy_area(p, child, Region{r}, run)) {
          exit(child);
          return Outcome::oom;
        }
    }
    return Outcome::ok;
  }
  bool copy_area(Pid p, Pid child, Region r, const Runs<VmaId>::Run& run) {
    const VmaId vma = m.vma.append({});
    dup_vma(m, run.value, vma);
    RegionLayout& region = m.area.region(child, r);
    region.areas.insert({run.first, run.last, vma});
    if (m.vma[vma].file) m.area.object_users[region.object] += run.last - run.first + 1;
    if (m.vma[run.value].wipeonfork || !vma_needs_copy(m, run.value)) return true;
    bool copied = true;
    for_present(p, r, run.first, run.last, [&](const Slot& s) {
      if (copied) copied = copy_present_pte(m, s, Slot{child, r, s.page});
    });
    return copied;
  }

  const auto& page_of(Frame f) const { return m.page[f]; }
  static RefId stray_name(std::uint32_t k) { return RefId{2 * k + 1}; }

  std::vector<bool> alive_;
  std::vector<std::pair<Slot, RefId>> strays_;
  std::uint32_t next_stray_ = 0;
};

}  // namespace cow::spec

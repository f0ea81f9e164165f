// Processes and their address spaces: the loops of map, unmap, protect, advise, fork and exit
// around the events. Nothing about a page is decided here.
#pragma once

#include <algorithm>

#include "cow/step.h"
#include "logic/concrete.h"
#include "spec/fork.h"
#include "spec/vma.h"
#include "spec/zap.h"

namespace cow::spec {

template <class L> class Processes {
 public:
  Processes(const Setup& setup, const Rules& rules) {
    m.rules = rules;
    m.memory.limit = setup.frames;
    m.page[m.zero_page()].allocated = yes;
    for (const FileSetup& f : setup.files) add_object(f.pages, f.value);
    alive_.push_back(true);
  }

  State<L> m;

  bool alive(Pid p) const { return index(p) < alive_.size() && alive_[index(p)]; }
  std::uint32_t pages_in(Pid p, Region r) const {
    const RegionLayout* region = m.area.find(p, r);
    return alive(p) && region ? region->pages : 0;
  }
  bool is_mapped(const Slot& s) const {
    return s.page < pages_in(s.process, s.region) &&
           m.area.find(s.process, s.region)->areas.at(s.page) != nullptr;
  }

 protected:
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
        return Outcome::inval;  // ADV-2
    if (!region.areas.covers(step.first, step.last)) return Outcome::segv;
    if (step.op == Op::advise && step.advice == Advice::dontneed) {  // ADV-1
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
        if (is_private(m, s)) clear_soft_dirty(m, s);
      });
    return Outcome::ok;
  }

  // dup_mmap, area after area (FORK-1); a failure takes the child away again (ERR-1).
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

 private:
  std::vector<bool> alive_;
};

}  // namespace cow::spec

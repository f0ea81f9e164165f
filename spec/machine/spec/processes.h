// Processes and their address spaces: the loops of map, unmap, remap, protect, advise, lock, fork
// and exit around the events. Nothing about a page is decided here.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "cow/step.h"
#include "logic/concrete.h"
#include "spec/fork.h"
#include "spec/hugetlb.h"
#include "spec/mlock.h"
#include "spec/mremap.h"
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
    if (step.hugetlb && step.count % kHugePages != 0) return Outcome::inval;  // HUGE-8
    if (step.hugetlb && !reserve_huge_pages(m, step.process, step.region, step.count))
      return Outcome::oom;
    region.hugetlb = {.on = step.hugetlb, .owner = step.hugetlb, .lost = false};
    const bool shmem = step.backing == Backing::anon && step.share == Share::shared;
    Vma<L> row{};
    row.read = step.prot != Prot::none;
    row.write = step.prot == Prot::rw;
    row.shared = step.share == Share::shared;
    row.file = shmem || step.backing == Backing::file;
    row.shmem = shmem;
    row.hugepage = step.huge;
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

  // f(slot) for every present entry of the range; and for every one that is present or swapped.
  void for_present(Pid p, Region r, std::uint32_t first, std::uint32_t last, auto f) {
    for_entries(p, r, first, last, [&](const Slot& s) {
      if (std::as_const(m).pte[s].present) f(s);
    });
  }
  void for_entries(Pid p, Region r, std::uint32_t first, std::uint32_t last, auto f) {
    std::vector<Slot> slots;
    m.pte.for_each(Slot{p, r, first}, last, [&](const Slot& s, const auto& pte) {
      if (pte.present || is_swap(std::as_const(m), s)) slots.push_back(s);
    });
    for (const Slot& s : slots) f(s);
  }
  Outcome unmap(Pid p, Region r, std::uint32_t first, std::uint32_t last) {
    if (cuts_huge_page(m.area.region(p, r), first, last)) return Outcome::inval;  // HUGE-8
    zap_range(p, r, first, last);
    unmap_areas(p, r, first, last);
    return Outcome::ok;
  }
  void zap_range(Pid p, Region r, std::uint32_t first, std::uint32_t last) {
    zap_huge_pmds(m, Slot{p, r, first}, first, last);
    for_entries(p, r, first, last, [&](const Slot& s) { zap(m, s); });
  }
  // Once no entry is left.
  void unmap_areas(Pid p, Region r, std::uint32_t first, std::uint32_t last) {
    RegionLayout& region = m.area.region(p, r);
    for (const auto& run : region.areas.all()) {
      const std::int64_t from = std::max(run.first, first), to = std::min(run.last, last);
      if (from <= to && m.vma[run.value].file) drop_users(region.object, to - from + 1, run.value);
    }
    region.areas.erase(first, last, [&](VmaId v) { return m.vma.append(m.vma[v]); });
    unreserve_huge_pages(m, p, r, first, last);
    if (region.areas.all().empty()) m.folio.forget(p, r);
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

  // mremap, area after area and entry after entry.
  Outcome remap(const Step& step) {
    if (const auto refusal = refuse_remap(step)) return *refusal;
    for (const Slot& s : begin_remap(step)) move_pte(m, s, moved(step, s));
    end_remap(step);
    return Outcome::ok;
  }
  std::optional<Outcome> refuse_remap(const Step& step) {
    const RegionLayout& to = m.area.region(step.process, step.to);
    const RegionLayout& from = m.area.region(step.process, step.region);
    if (!from.areas.covers(step.first, step.last)) return Outcome::segv;
    const bool stays = from.hugetlb.on && !m.rules.discards_hugetlb;
    if (stays || cuts_huge_page(from, step.first, step.last)) return Outcome::inval;  // HUGE-8
    if (!to.areas.all().empty()) return Outcome::inval;
    return std::nullopt;
  }
  static Slot moved(const Step& step, const Slot& s) {
    return {s.process, step.to, s.page - step.first};
  }
  // The new areas beside the old ones; the entries that are to move.
  std::vector<Slot> begin_remap(const Step& step) {
    RegionLayout& to = m.area.region(step.process, step.to);
    const RegionLayout& from = m.area.region(step.process, step.region);
    to.pages = step.last - step.first + 1;
    to.object = from.object;
    to.at = from.at + step.first;
    to.hugetlb = from.hugetlb;
    for (const auto& run : from.areas.all()) {
      const std::uint32_t first = std::max(run.first, step.first);
      const std::uint32_t last = std::min(run.last, step.last);
      if (first > last) continue;
      const VmaId vma = m.vma.append(std::as_const(m).vma[run.value]);
      m.vma[vma].uffd = no;
      to.areas.insert({first - step.first, last - step.first, vma});
    }
    move_huge_pmds(m, Slot{step.process, step.region, step.first}, step.last, step.to);
    move_reserve(m, Slot{step.process, step.region, step.first}, step.last, step.to);
    std::vector<Slot> entries;
    for_entries(step.process, step.region, step.first, step.last,
                [&](const Slot& s) { entries.push_back(s); });
    return entries;
  }
  void end_remap(const Step& step) {
    auto& areas = m.area.region(step.process, step.region).areas;
    areas.erase(step.first, step.last, [&](VmaId v) { return m.vma.append(m.vma[v]); });
    if (areas.all().empty()) m.folio.forget(step.process, step.region);
  }

  // mprotect, madvise and mlock. populate(first, last) is told of pages that get their memory now.
  Outcome change(const Step& step, auto populate) {
    if (const auto refusal = refuse_change(step)) return *refusal;
    if (!discards(step)) {
      change_areas(step, populate);
      return Outcome::ok;
    }
    zap_range(step.process, step.region, step.first, step.last);
    return Outcome::ok;
  }
  static bool discards(const Step& step) { return advises(step, Advice::dontneed); }  // ADV-1
  static bool pages_out(const Step& step) { return advises(step, Advice::pageout); }
  static bool collapses(const Step& step) { return advises(step, Advice::collapse); }
  static bool gives_up(const Step& step) { return advises(step, Advice::free); }  // ADV-4
  std::optional<Outcome> refuse_change(const Step& step) {
    const RegionLayout& region = m.area.region(step.process, step.region);
    const bool wipe = advises(step, Advice::wipeonfork);
    for (const auto& run : region.areas.all()) {
      if (run.first > step.last || run.last < step.first) continue;
      const Vma<L>& vma = std::as_const(m).vma[run.value];
      const bool takes_away = discards(step) || pages_out(step) || gives_up(step);
      const bool anonymous_only = wipe || gives_up(step) || step.op == Op::uffd_wp;
      if ((anonymous_only && vma.file) || (takes_away && vma.locked))
        return Outcome::inval;  // ADV-2, ADV-4, LOCK-2, UFFD-2
    }
    if (!region.areas.covers(step.first, step.last)) return Outcome::segv;
    for (const auto& run : region.areas.all())
      if (refuses_hugetlb(m, step, region, run)) return Outcome::inval;
    return std::nullopt;
  }
  // Area by area, each with its entries.
  void change_areas(const Step& step, auto populate) {
    RegionLayout& region = m.area.region(step.process, step.region);
    for (std::uint64_t page = step.first; page <= step.last;) {
      const auto from = static_cast<std::uint32_t>(page);
      const std::size_t i = region.areas.find(from);
      const std::uint32_t last = std::min(region.areas.all()[i].last, step.last);
      const Vma<L> was = std::as_const(m).vma[region.areas.all()[i].value];
      Vma<L> want = was;
      set_flags(want, step, region.hugetlb.on);
      page = std::uint64_t{last} + 1;
      if (same_flags(want, was)) continue;
      change_area(m, region.areas, i, from, last, want);
      const Slot first{step.process, step.region, from};
      split_at_edges(m, first, from, last);
      if (want.hugepage && !was.hugepage) find_tables(m, first, from, last);
      if (step.op != Op::protect) continue;
      for_present(step.process, step.region, from, last,
                  [&](const Slot& s) { change_any_protection(m, s); });
      if (mprotect_populates(was, want)) populate(from, last);
    }
  }
  Outcome clear_refs(Pid p) {
    const auto& regions = m.area.regions(p);
    for (std::uint32_t r = 0; r < regions.size(); ++r)
      for_entries(p, Region{r}, 0, kMaxPages, [&](const Slot& s) {
        const bool asks = !is_hugetlb(m, s) || m.mutated(Mutant::hugetlb_cleared);
        if (is_private(m, s) && asks) clear_soft_dirty(m, s);
      });
    return Outcome::ok;
  }

  // dup_mmap, area after area (FORK-1); a failure takes the child away again (ERR-1).
  Outcome fork(Pid p, Pid child) {
    if (alive(child)) return Outcome::inval;
    for (const Slot& s : begin_fork(p, child)) {
      const Slot copy{child, s.region, s.page};
      if (copy_any_entry(m, s, copy)) continue;
      exit(child);
      return Outcome::oom;
    }
    return Outcome::ok;
  }
  // The child with its areas; the parent's entries that it will have.
  std::vector<Slot> begin_fork(Pid p, Pid child) {
    std::vector<Slot> entries;
    if (index(child) >= alive_.size()) alive_.resize(index(child) + 1);
    alive_[index(child)] = true;
    const std::size_t names = m.area.regions(p).size();
    for (std::uint32_t r = 0; r < names; ++r) {
      RegionLayout to = m.area.region(p, Region{r});
      to.areas.all().clear();
      to.hugetlb.owner = false;  // HUGE-10
      m.area.region(child, Region{r}) = to;
      const auto from = m.area.region(p, Region{r}).areas.all();
      for (const auto& run : from)
        if (!m.vma[run.value].dontfork) copy_area(p, child, Region{r}, run, entries);
    }
    return entries;
  }
  void copy_area(Pid p, Pid child, Region r, const Runs<VmaId>::Run& run,
                 std::vector<Slot>& entries) {
    const VmaId vma = m.vma.append({});
    dup_vma(m, run.value, vma);
    RegionLayout& region = m.area.region(child, r);
    region.areas.insert({run.first, run.last, vma});
    if (m.vma[vma].file) m.area.object_users[region.object] += run.last - run.first + 1;
    if (m.vma[run.value].wipeonfork || !vma_needs_copy(m, run.value)) return;
    for (const Slot& s : m.folio.tables_in(p, r, run.first, run.last))
      m.folio.upper({child, r, s.page}).table = yes;
    for_entries(p, r, run.first, run.last, [&](const Slot& s) { entries.push_back(s); });
  }

 private:
  std::vector<bool> alive_;
};

}  // namespace cow::spec

// Hugetlb memory: private and anonymous, in huge pages alone (5.14 mm/hugetlb.c). Its entries are
// huge entries as in huge.h, of folios of their own; none is ever split, swapped out, merged or
// watched. The mapping has its huge pages set aside beforehand, for the process that made it: the
// owner. The pool of them is the memory that `frames` says.
#pragma once

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include "logic/layout.h"
#include "spec/fork.h"
#include "spec/huge.h"
#include "spec/vma.h"
#include "spec/zap.h"

namespace cow::spec {

inline bool is_hugetlb(const auto& m, const Slot& s) {
  const RegionLayout* region = m.area.find(s.process, s.region);
  return region != nullptr && region->hugetlb.on;
}

// Would a change of these pages leave a part of a huge page as it is (HUGE-8)?
inline bool cuts_huge_page(const RegionLayout& region, std::uint32_t first, std::uint32_t last) {
  const bool before = first % kHugePages != 0 && region.areas.at(first) != nullptr;
  const bool after = (last + 1) % kHugePages != 0 && region.areas.at(last) != nullptr;
  return region.hugetlb.on && (before || after);
}

// Words that this area of it does not take, and changes of a part of a huge page (HUGE-8).
bool refuses_hugetlb(const auto& m, const Step& step, const RegionLayout& region, const auto& run) {
  if (!region.hugetlb.on || run.first > step.last || run.last < step.first) return false;
  for (const Advice word : {Advice::wipeonfork, Advice::pageout, Advice::free, Advice::collapse})
    if (advises(step, word)) return true;
  const bool discards = advises(step, Advice::dontneed);
  if (step.op == Op::uffd_wp || (discards && !m.rules.discards_hugetlb)) return true;
  auto&& vma = m.vma[run.value];
  std::remove_cvref_t<decltype(vma)> want = vma;
  if (!discards) set_flags(want, step, true);
  const std::uint32_t first = std::max(run.first, step.first), last = std::min(run.last, step.last);
  return cuts_huge_page(region, first, last) && (discards || !same_flags(want, vma));
}

// ---- What is set aside ------------------------------------------------------------------------

// Used by nobody yet, and used to everybody else.
bool set_aside(auto& memory, std::uint32_t pages) {
  if (memory.limit - memory.used < pages) return false;
  if (memory.limit != kEnoughFrames) memory.used += pages;
  return true;
}
void give_back(auto& memory, std::uint32_t pages) {
  if (memory.limit != kEnoughFrames) memory.used -= pages;
}

// hugetlb_reserve_pages: a huge page for each one's worth of the new mapping, or none (HUGE-10).
bool reserve_huge_pages(auto& m, Pid p, Region r, std::uint32_t pages) {
  if (!set_aside(m.memory, m.mutated(Mutant::hugetlb_unreserved) ? 0 : pages)) return false;
  m.area.has_hugetlb = true;
  for (std::uint32_t page = 0; page < pages; page += kHugePages)
    m.folio.upper(Slot{p, r, page}).reserved = !m.mutated(Mutant::hugetlb_unreserved);
  return true;
}

// hugetlb_vm_op_close: what was not used.
void unreserve_huge_pages(auto& m, Pid p, Region r, std::uint32_t first, std::uint32_t last) {
  for (const Slot& t : m.folio.reserved_in(p, r, first, last)) {
    m.folio.upper(t).reserved = no;
    give_back(m.memory, kHugePages);
  }
}

// mremap takes it along, as it takes the owner's right.
void move_reserve(auto& m, const Slot& s, std::uint32_t last, Region to) {
  for (const Slot& t : m.folio.reserved_in(s.process, s.region, s.page, last)) {
    m.folio.upper(t).reserved = no;
    m.folio.upper(Slot{t.process, to, t.page - s.page}).reserved = yes;
  }
}

// alloc_huge_page for the place of s: the page that is set aside for it, or one that is for nobody.
auto alloc_huge_page(auto& m, const Slot& s) {
  const bool reserved = std::as_const(m).folio.upper(s).reserved;
  if (reserved) give_back(m.memory, kHugePages);
  auto pages = alloc_folio(m);
  if (reserved && pages.empty()) set_aside(m.memory, kHugePages);
  else if (reserved) m.folio.upper(s).reserved = no;
  return pages;
}

// ---- Faults -----------------------------------------------------------------------------------

void map_hugetlb(auto& m, const Slot& s, const auto& pages, bool written) {
  const bool write = written && vma_of(m, s).write;
  for_huge(m, s, [&](const Slot& t) { map_page(m, t, m.folio.page_of(pages, t), write, written); });
  enter_huge(m, s, m.folio.page_of(pages, s));
}

// hugetlb_no_page: a read maps a page of zeros too. Where a page was lost none comes back (HUGE-3).
Outcome hugetlb_no_page(auto& m, const Slot& s, Access access) {
  if (m.area.find(s.process, s.region)->hugetlb.lost && !m.mutated(Mutant::hugetlb_loss_forgotten))
    return Outcome::sigbus;
  const auto pages = alloc_huge_page(m, s);
  if (pages.empty()) return Outcome::sigbus;  // HUGE-10
  anon_vma_prepare(m, s);
  map_hugetlb(m, s, pages, access == Access::write);
  return Outcome::fresh;
}

// Whoever else refers to it is not asked, under any rule set (HUGE-9).
bool hugetlb_can_reuse(const auto& m, const Frame& f) {
  return m.mapped.count(f) == 1 || m.mutated(Mutant::hugetlb_mapcount_ignored);
}

Outcome hugetlb_reuse(auto& m, const Slot& s, Access access) {
  for_huge(m, s, [&](const Slot& t) {
    m.page[m.frame_at(t)].exclusive = m.rules.tracks_exclusive;
    if (access == Access::write) wp_page_reuse(m, t);
  });
  return access == Access::write ? Outcome::reused : Outcome::hit;
}

// unmap_ref_private: all others lose the page that s maps, and are told so when they come for it.
void unmap_ref_private(auto& m, const Slot& s) {
  for (const Slot& t : m.folio.huge_entries(m, m.frame_at(s))) {
    if (t == s) continue;
    m.area.region(t.process, t.region).hugetlb.lost = yes;
    drop_huge_entry(m, t);
    for_huge(m, t, [&](const Slot& u) { zap(m, u); });
  }
}

// hugetlb_cow, hugetlb_wp: all of the page, kept or copied.
Outcome hugetlb_wp(auto& m, const Slot& s, Access access) {
  if (hugetlb_can_reuse(m, m.frame_at(s))) return hugetlb_reuse(m, s, access);
  const auto pages = alloc_folio(m);
  if (pages.empty()) {
    const bool owner = m.area.find(s.process, s.region)->hugetlb.owner;
    if (!owner || m.mutated(Mutant::hugetlb_owner_fails)) return Outcome::sigbus;  // HUGE-10
    unmap_ref_private(m, s);                                                       // HUGE-3
    return hugetlb_reuse(m, s, access);
  }
  for_huge(m, s, [&](const Slot& t) {
    m.page[m.folio.page_of(pages, t)].data = m.page[m.frame_at(t)].data;
  });
  drop_huge_entry(m, s);
  for_huge(m, s, [&](const Slot& t) {
    m.pte[t].present = no;
    drop_mapping(m, t, m.frame_at(t));
  });
  map_hugetlb(m, s, pages, access == Access::write);
  return Outcome::copied;
}

Outcome hugetlb_fault(auto& m, const Slot& s, Access access) {
  return m.pte[s].present ? hugetlb_wp(m, s, access) : hugetlb_no_page(m, s, access);
}

// ---- Other steps ------------------------------------------------------------------------------

// copy_hugetlb_page_range, one entry. All of a page is copied at its first one where a pin forbids
// to share it, of what is set aside for nobody (HUGE-10). The child's entry stays as young as its
// parent's.
bool copy_hugetlb(auto& m, const Slot& s, const Slot& child) {
  const auto f = m.frame_at(s);
  if (m.folio.starts(s)) {
    if (!needs_early_copy(m, s, f)) {
      enter_huge(m, child, f);
    } else {
      const auto pages = alloc_folio(m);
      if (pages.empty()) return false;
      for_huge(m, s, [&](const Slot& t) {
        m.page[m.folio.page_of(pages, t)].data = m.page[m.frame_at(t)].data;
      });
      map_hugetlb(m, child, pages, true);
    }
  }
  if (std::as_const(m).pte[child].present) return true;
  m.page[f].exclusive = no;
  count_mapping(m, child, f);
  m.pte[s].writable = no;
  m.pte[child] = std::as_const(m).pte[s];
  return true;
}

// An entry of any memory that fork copies. False: no memory (ERR-1).
bool copy_any_entry(auto& m, const Slot& s, const Slot& child) {
  if (is_hugetlb(m, s)) return copy_hugetlb(m, s, child);
  copy_huge_pmd(m, s, child);
  return copy_pte(m, s, child);
}

// hugetlb_change_protection: whoever may write faults for it.
void change_any_protection(auto& m, const Slot& s) {
  if (is_hugetlb(m, s)) m.pte[s].writable = no;
  else change_protection(m, s);
}

}  // namespace cow::spec

// Transparent huge pages: one upper entry maps 512 pages, which are one folio (5.14
// mm/huge_memory.c). Kept as 512 entries that are alike: what happens to one of them happens to all
// of them in one event.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "logic/folios.h"
#include "spec/wp_fault.h"

namespace cow::spec {

// ---- The entries of a huge page ---------------------------------------------------------------

template <class Slot> Slot huge_start(Slot s) {
  s.page -= s.page % kHugePages;
  return s;
}
void for_huge(const auto& s, auto f) {
  auto t = huge_start(s);
  for (std::uint32_t i = 0; i < kHugePages; ++i, ++t.page) f(t);
}
bool maps_huge(const auto& m, const auto& s) { return m.folio.upper(s).huge; }

Marks huge_marks(const auto& m, const auto& s) {
  Marks marks;
  for_huge(s, [&](const auto& t) {
    auto&& pte = m.pte[t];
    marks.dirty |= pte.dirty;
    marks.young |= pte.young;
    marks.soft_dirty |= pte.soft_dirty;
  });
  return marks;
}

// The upper entry maps its huge page no longer: a table, or nothing, stands in its place.
void drop_huge_entry(auto& m, const auto& s) {
  m.folio.upper(s).huge = no;
  const auto f = m.frame_at(s);
  if (!is_zero_page(m, f)) --m.folio.at(f).huge_entries;
}
// __split_huge_pmd: a table of small entries for the same pages, in this process alone (HUGE-1).
void split_huge_pmd(auto& m, const auto& s) {
  if (!maps_huge(m, s)) return;
  const Marks marks = huge_marks(m, s);
  drop_huge_entry(m, s);
  m.folio.upper(s).table = yes;
  for_huge(s, [&](const auto& t) {
    m.pte[t].dirty = marks.dirty;
    m.pte[t].young = marks.young;
    m.pte[t].soft_dirty = marks.soft_dirty;
  });
}

// ---- Folios -----------------------------------------------------------------------------------

bool is_large(const auto& m, const auto& f) { return m.folio.find(f) != nullptr; }
std::uint64_t largest_mapcount(const auto& m, const auto& f) {
  std::uint64_t most = 0;
  for (const auto& page : m.folio.find(f)->pages) most = std::max(most, m.mapped.count(page));
  return most;
}
bool only_mapped(const auto& m, const auto& f) { return refcount(m, f) == m.folio.mapcount(m, f); }

// One allocation: all of its pages, zeroed, or none.
std::vector<Frame> alloc_folio(auto& m) {
  std::vector<Frame> pages;
  if (!m.memory.has_folio(kHugePages)) return pages;
  for (std::uint32_t i = 0; i < kHugePages; ++i) pages.push_back(*alloc_anon_page(m));
  m.folio.make(m, pages);
  return pages;
}
// The upper entry of s maps a folio that nobody knows yet, written.
void map_folio(auto& m, const auto& s, const std::vector<Frame>& pages) {
  const bool write = vma_of(m, s).write;
  for_huge(s, [&](const auto& t) { map_page(m, t, pages[t.page % kHugePages], write, yes); });
  m.folio.at(pages[0]).huge_entries = 1;
  m.folio.upper(s).huge = yes;
}

// ---- Faults -----------------------------------------------------------------------------------

// May a fault at s make a huge page? transhuge_vma_suitable, and nothing is there yet (HUGE-6).
bool takes_huge(const auto& m, const auto& s) {
  const auto first = huge_start(s);
  auto last = first;
  last.page += kHugePages - 1;
  auto&& vma = vma_of(m, s);
  return vma.hugepage && m.area.of(first) == m.area.of(s) && m.area.of(last) == m.area.of(s) &&
         !m.folio.upper(s).table;
}

// do_huge_pmd_anonymous_page. No outcome: no folio is to be had, and a small page has to do.
std::optional<Outcome> create_huge_pmd(auto& m, const auto& s, Access access) {
  anon_vma_prepare(m, s);
  if (access != Access::write) {
    for_huge(s, [&](const auto& t) { set_pte(m, t, m.zero_page(), no, no); });
    m.folio.upper(s).huge = yes;
    return Outcome::zero;
  }
  const std::vector<Frame> pages = alloc_folio(m);
  if (pages.empty()) return std::nullopt;
  map_folio(m, s, pages);
  return Outcome::fresh;
}

// A folio of its own takes the place of the huge page that s maps, with its bytes.
std::optional<Outcome> copy_huge_pmd_page(auto& m, const auto& s) {
  anon_vma_prepare(m, s);
  const std::vector<Frame> pages = alloc_folio(m);
  if (pages.empty()) return std::nullopt;
  for_huge(s, [&](const auto& t) {
    m.page[pages[t.page % kHugePages]].data = m.page[m.frame_at(t)].data;
  });
  drop_huge_entry(m, s);
  for_huge(s, [&](const auto& t) {
    m.pte[t].present = no;
    drop_mapping(m, t, m.frame_at(t));
  });
  map_folio(m, s, pages);
  return Outcome::copied;
}

// May the process keep the whole huge page (HUGE-4)? Up to 5.17 references are not asked for.
bool huge_can_reuse(const auto& m, const auto& f) {
  if (m.rules.tracks_exclusive && m.page[f].exclusive) return true;
  if (m.rules.huge_reuse_asks_mapcount) return largest_mapcount(m, f) <= 1;
  return refcount(m, f) == 1;
}

// do_huge_pmd_wp_page. No outcome: the table is split, and the small entry has its own fault.
std::optional<Outcome> do_huge_pmd_wp_page(auto& m, const auto& s, Access access) {
  const bool write = access == Access::write;
  if (write && uffd_takes(m, s)) return Outcome::uffd;  // WP-2
  const auto f = m.frame_at(s);
  const bool zero = is_zero_page(m, f);
  if (!zero && huge_can_reuse(m, f)) {
    for_huge(s, [&](const auto& t) {
      own_alone(m, m.frame_at(t));
      if (write) wp_page_reuse(m, t);
    });
    return write ? Outcome::reused : Outcome::hit;
  }
  const bool whole = zero ? m.rules.huge_zero_copies_whole : m.rules.huge_copies_whole;
  if (write && whole)
    if (const auto copied = copy_huge_pmd_page(m, s)) return copied;
  split_huge_pmd(m, s);  // HUGE-1
  return std::nullopt;
}

// __handle_mm_fault, above the tables. No outcome: the small entry's fault follows.
std::optional<Outcome> handle_huge_fault(auto& m, const auto& s, Access access) {
  if (maps_huge(m, s)) return do_huge_pmd_wp_page(m, s, access);
  if (!vma_of(m, s).hugepage) return std::nullopt;
  if (takes_huge(m, s))
    if (const auto made = create_huge_pmd(m, s, access)) return made;
  m.folio.upper(s).table = yes;
  return std::nullopt;
}

// May a small entry's process keep a page of a large folio (HUGE-5)? Its references are the
// folio's. 6.15: a folio that this process alone maps, with several entries, and that nobody holds.
bool large_can_reuse(const auto& m, const auto& s, const auto& f) {
  if (m.rules.tracks_exclusive && m.page[f].exclusive) return true;
  if (m.rules.reuses_large_folio)
    return m.folio.mapcount(m, f) > 1 && only_mapped(m, f) && maps_alone(m, s, f);
  if (m.rules.reuse_needs_mapcount_1 && !m.rules.reuse_needs_refcount_1)
    return largest_mapcount(m, f) <= 1;
  return wp_can_reuse(m, f);
}
// folio_maybe_mapped_shared, as if it were exact.
bool maps_alone(const auto& m, const auto& s, const auto& f) {
  const auto& pages = m.folio.find(f)->pages;
  for (const auto& [t, row] : m.pte.all())
    if (row->present && t.process != s.process &&
        std::find(pages.begin(), pages.end(), row->frame) != pages.end())
      return false;
  return true;
}

// ---- Other steps ------------------------------------------------------------------------------

// Huge pages that first .. last meets and does not cover (HUGE-6).
void split_at_edges(auto& m, auto s, std::uint32_t first, std::uint32_t last) {
  s.page = first;
  if (first % kHugePages != 0) split_huge_pmd(m, s);
  s.page = last;
  if (last % kHugePages != kHugePages - 1) split_huge_pmd(m, s);
}

// Entries of first .. last are about to go: those of huge pages as a whole, and nothing is in their
// place.
void zap_huge_pmds(auto& m, const auto& s, std::uint32_t first, std::uint32_t last) {
  split_at_edges(m, s, first, last);
  for (const Slot& t : m.folio.huge_in(s.process, s.region, first, last)) drop_huge_entry(m, t);
}

// copy_huge_pmd, before the first of its entries is copied. A huge page that may be pinned is split
// in the parent, and its pages are looked at one by one (HUGE-2).
void copy_huge_pmd(auto& m, const auto& s, const auto& child) {
  if (s != huge_start(s) || !maps_huge(m, s)) return;
  const auto f = m.frame_at(s);
  if (!is_zero_page(m, f) && needs_early_copy(m, s, f)) {
    split_huge_pmd(m, s);
    m.folio.upper(child).table = yes;
    return;
  }
  m.folio.upper(child).huge = yes;
  if (!is_zero_page(m, f)) ++m.folio.at(f).huge_entries;
}

// move_page_tables, above the tables: a huge page stays one where its new place is aligned too.
void move_huge_pmds(auto& m, const auto& s, std::uint32_t last, Region to) {
  const std::uint32_t first = s.page;
  split_at_edges(m, s, first, last);
  for (const Slot& t : m.folio.huge_in(s.process, s.region, first, last)) {
    if (first % kHugePages != 0) {
      split_huge_pmd(m, t);
      continue;
    }
    m.folio.upper(t).huge = no;
    m.folio.upper({t.process, to, t.page - first}).huge = yes;
  }
  for (const Slot& t : m.folio.tables_in(s.process, s.region, first, last)) {
    const std::uint32_t from = std::max(t.page, first);
    const std::uint32_t end = std::min(t.page + kHugePages - 1, last);
    m.folio.upper({t.process, to, from - first}).table = yes;
    m.folio.upper({t.process, to, end - first}).table = yes;
  }
}

// The memory becomes VM_HUGEPAGE: a table is where an entry is (our own simplification).
void find_tables(auto& m, const auto& s, std::uint32_t first, std::uint32_t last) {
  for (const Slot& t : m.folio.tables_in(s.process, s.region, first, last))
    m.folio.upper(t).table = no;
  std::vector<Slot> entries;
  m.pte.for_each(huge_start(s), last | (kHugePages - 1), [&](const Slot& t, const auto& pte) {
    if (pte.present || is_swap(std::as_const(m), t)) entries.push_back(t);
  });
  for (const Slot& t : entries)
    if (!maps_huge(m, t)) m.folio.upper(t).table = yes;
}

// split_folio: every entry of a large one becomes small, and each page a page of its own. Those
// that nobody maps go. Not while somebody holds it.
bool can_be_small(const auto& m, const auto& f) { return !is_large(m, f) || only_mapped(m, f); }
void split_folio(auto& m, const auto& f) {
  if (!is_large(m, f)) return;
  std::vector<Slot> huge;
  for (const auto& [s, row] : m.pte.all())
    if (row->present && row->frame == f && maps_huge(m, s)) huge.push_back(s);
  for (const Slot& s : huge) split_huge_pmd(m, s);
  for (const Frame page : m.folio.dissolve(m, f)) put_page(m, page);
}

}  // namespace cow::spec

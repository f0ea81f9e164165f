// Transparent huge pages: one upper entry maps 512 pages, which are one folio (5.14
// mm/huge_memory.c). Kept as 512 entries that are alike: what happens to one of them happens to all
// of them in one event. What is done in for_huge is the same for each, so that the proof sees a
// huge page from any one of its pages.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "logic/folios.h"
#include "spec/wp_fault.h"

namespace cow::spec {

// ---- The entries of a huge page ---------------------------------------------------------------

void for_huge(auto& m, const auto& s, auto f) { m.folio.for_huge(s, f); }
auto maps_huge(const auto& m, const auto& s) { return value(m.folio.upper(s).huge); }

// The upper entry of s maps the folio of f now, or no longer. The zero page is not counted.
void enter_huge(auto& m, const auto& s, const auto& f) {
  m.folio.upper(s).huge = yes;
  if (!is_zero_page(m, f)) m.folio.enter(f);
}
// … a table, or nothing, stands in its place.
void drop_huge_entry(auto& m, const auto& s) {
  m.folio.upper(s).huge = m.mutated(Mutant::huge_entry_stays);
  const auto f = m.frame_at(s);
  if (!is_zero_page(m, f)) m.folio.leave(f);
}
// __split_huge_pmd: a table of small entries for the same pages, in this process alone (HUGE-1).
void split_huge_pmd(auto& m, const auto& s) {
  if (!maps_huge(m, s)) return;
  const auto marks = m.folio.marks(m, s);
  drop_huge_entry(m, s);
  m.folio.upper(s).table = !m.mutated(Mutant::split_without_table);
  for_huge(m, s, [&](const auto& t) {
    m.pte[t].dirty = marks.dirty;
    m.pte[t].young = marks.young;
    m.pte[t].soft_dirty = marks.soft_dirty;
  });
}

// ---- Folios -----------------------------------------------------------------------------------

auto is_large(const auto& m, const auto& f) { return m.folio.is_large(f); }
auto only_mapped(const auto& m, const auto& f) { return refcount(m, f) == m.folio.mapcount(m, f); }

// One allocation: all of its pages, zeroed, or none.
auto alloc_folio(auto& m) {
  return m.folio.alloc(m, [&] { return alloc_anon_page(m); });
}
// The upper entry of s maps a folio that nobody knows yet, written.
void map_folio(auto& m, const auto& s, const auto& pages) {
  const auto write = vma_of(m, s).write || m.mutated(Mutant::huge_always_writes);
  for_huge(m, s, [&](const auto& t) { map_page(m, t, m.folio.page_of(pages, t), write, yes); });
  enter_huge(m, s, m.folio.page_of(pages, s));
}

// ---- Faults -----------------------------------------------------------------------------------

// Is a huge page wanted, and nothing there yet? transhuge_vma_suitable asks for its place (HUGE-6).
auto wants_huge(const auto& m, const auto& s) {
  return vma_of(m, s).hugepage && (!m.folio.upper(s).table || m.mutated(Mutant::huge_over_table));
}

// do_huge_pmd_anonymous_page. No outcome: no folio is to be had, and a small page has to do.
std::optional<Outcome> create_huge_pmd(auto& m, const auto& s, Access access) {
  anon_vma_prepare(m, s);
  if (access != Access::write) {
    for_huge(m, s, [&](const auto& t) { set_pte(m, t, m.zero_page(), no, no); });
    enter_huge(m, s, m.zero_page());
    return Outcome::zero;
  }
  const auto pages = alloc_folio(m);
  if (pages.empty()) return std::nullopt;
  map_folio(m, s, pages);
  return Outcome::fresh;
}

// A folio of its own takes the place of the huge page that s maps, with its bytes.
std::optional<Outcome> copy_huge_pmd_page(auto& m, const auto& s) {
  anon_vma_prepare(m, s);
  const auto pages = alloc_folio(m);
  if (pages.empty()) return std::nullopt;
  for_huge(m, s, [&](const auto& t) {
    if (m.mutated(Mutant::huge_copy_without_contents)) return;
    m.page[m.folio.page_of(pages, t)].data = m.page[m.frame_at(t)].data;
  });
  drop_huge_entry(m, s);
  for_huge(m, s, [&](const auto& t) {
    m.pte[t].present = no;
    drop_mapping(m, t, m.frame_at(t));
  });
  map_folio(m, s, pages);
  return Outcome::copied;
}

// May the process keep the whole huge page (HUGE-4)? Up to 5.17 references are not asked for.
auto huge_can_reuse(const auto& m, const auto& f) {
  const auto exclusive = m.rules.tracks_exclusive && m.page[f].exclusive;
  if (m.rules.huge_reuse_asks_mapcount)
    return exclusive || m.folio.none_mapped_twice(m, f) || m.mutated(Mutant::huge_mapcount_ignored);
  return exclusive || refcount(m, f) == 1 || m.mutated(Mutant::huge_refcount_ignored);
}

// do_huge_pmd_wp_page. No outcome: the table is split, and the small entry has its own fault.
std::optional<Outcome> do_huge_pmd_wp_page(auto& m, const auto& s, Access access) {
  const bool write = access == Access::write;
  if (write && uffd_takes(m, s)) return Outcome::uffd;  // WP-2
  const auto f = m.frame_at(s);
  bool whole = m.rules.huge_copies_whole;
  if (is_zero_page(m, f)) {
    whole = m.rules.huge_zero_copies_whole;
  } else if (huge_can_reuse(m, f)) {
    for_huge(m, s, [&](const auto& t) {
      own_alone(m, m.frame_at(t));
      if (write) wp_page_reuse(m, t);
    });
    return write ? Outcome::reused : Outcome::hit;
  }
  if (write && whole)
    if (const auto copied = copy_huge_pmd_page(m, s)) return copied;
  split_huge_pmd(m, s);  // HUGE-1
  return std::nullopt;
}

// __handle_mm_fault, above the tables. No outcome: the small entry's fault follows.
std::optional<Outcome> handle_huge_fault(auto& m, const auto& s, Access access) {
  if (maps_huge(m, s)) return do_huge_pmd_wp_page(m, s, access);
  if (wants_huge(m, s)) {
    if (m.folio.fits(m, s))
      if (const auto made = create_huge_pmd(m, s, access)) return made;
    m.folio.upper(s).table = yes;
  }
  return std::nullopt;
}

// May a small entry's process keep a page of a large folio (HUGE-5)? Its references are the
// folio's. 6.15: a folio that this process alone maps, with several entries, and that nobody holds.
auto large_can_reuse(const auto& m, const auto& s, const auto& f) {
  const auto exclusive = m.rules.tracks_exclusive && m.page[f].exclusive;
  if (m.rules.reuses_large_folio)
    return exclusive || (m.folio.mapcount(m, f) > 1 &&
                         (only_mapped(m, f) || m.mutated(Mutant::large_holders_ignored)) &&
                         (m.folio.maps_alone(m, s, f) || m.mutated(Mutant::large_maps_ignored)));
  if (m.rules.reuse_needs_mapcount_1 && !m.rules.reuse_needs_refcount_1)
    return exclusive || m.folio.none_mapped_twice(m, f) ||
           m.mutated(Mutant::large_mapcount_ignored);
  return wp_can_reuse(m, f);
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
  if (!m.folio.starts(s) || !maps_huge(m, s)) return;
  const auto f = m.frame_at(s);
  if (is_zero_page(m, f)) return enter_huge(m, child, f);
  if (!needs_early_copy(m, s, f) || m.mutated(Mutant::huge_pinned_stays))
    return enter_huge(m, child, f);
  split_huge_pmd(m, s);
  m.folio.upper(child).table = yes;
}

// move_huge_pmd: the upper entry, with all that it maps.
void move_huge_pmd(auto& m, const auto& from, const auto& to) {
  m.folio.upper(from).huge = m.mutated(Mutant::huge_move_keeps_entry);
  m.folio.upper(to).huge = yes;
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
    move_huge_pmd(m, t, Slot{t.process, to, t.page - first});
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
  m.pte.for_each(m.folio.start(s), last | (kHugePages - 1), [&](const Slot& t, const auto& pte) {
    if (pte.present || is_swap(std::as_const(m), t)) entries.push_back(t);
  });
  for (const Slot& t : entries)
    if (!maps_huge(m, t)) m.folio.upper(t).table = yes;
}

// split_folio: every entry of a large one becomes small, and each page a page of its own. Those
// that nobody maps go. Not while somebody holds it.
auto can_be_small(const auto& m, const auto& f) { return !is_large(m, f) || only_mapped(m, f); }
void split_folio(auto& m, const auto& f) {
  if (!is_large(m, f)) return;
  for (const auto& s : m.folio.huge_entries(m, f)) split_huge_pmd(m, s);
  for (const auto& page : m.folio.dissolve(m, f)) put_page(m, page);
}

}  // namespace cow::spec

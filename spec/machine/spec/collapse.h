// MADV_COLLAPSE: what small pages show becomes one huge page, which is a copy of them (6.18
// mm/khugepaged.c madvise_collapse, collapse_huge_page).
#pragma once

#include "spec/huge.h"
#include "spec/swap.h"

namespace cow::spec {

// Does the area hold a huge page's worth of memory that is aligned, from `first` on?
bool holds_huge(const auto& run) {
  const std::uint64_t first = (std::uint64_t{run.first} + kHugePages - 1) / kHugePages;
  return first * kHugePages + kHugePages - 1 <= run.last;
}

// What keeps the small pages around s from being copied: nobody may hold one of them but its
// entries and the swap cache, userfaultfd waits for none, and there is something (HUGE-7).
std::optional<Outcome> refuses_collapse(const auto& m, const auto& s) {
  auto&& vma = vma_of(m, s);
  bool any = false, none = false, marked = false, held = false;
  for_huge(m, s, [&](const auto& t) {
    const bool present = m.pte[t].present;
    any = any || present || is_swap(m, t);
    none = none || (!present && !is_swap(m, t));
    marked = marked || m.uffd[t].wp;
    if (!present || is_zero_page(m, m.frame_at(t))) return;
    const auto f = m.frame_at(t);
    const auto entries = is_large(m, f) ? m.folio.mapcount(m, f) : m.mapped.count(f);
    held = held || !(refcount(m, f) == entries + m.one_if(in_swap_cache(m, f)));
  });
  if (!any || !vma.anon_vma || (vma.uffd && (none || marked))) return Outcome::inval;
  if (held) return Outcome::busy;
  return std::nullopt;
}

// What the entry at t shows goes to the page f, and its old page has one mapping less.
void take_over(auto& m, const auto& t, const auto& f) {
  if (!m.pte[t].present) return;
  const auto old = m.frame_at(t);
  m.page[f].data = m.page[old].data;
  m.pte[t].present = no;
  drop_mapping(m, t, old);
}

// The 512 pages that begin at s, which lie in one area.
Outcome collapse_huge_page(auto& m, const auto& thread, const auto& s) {
  if (maps_huge(m, s)) return Outcome::ok;
  if (const auto refusal = refuses_collapse(m, s)) return *refusal;
  const std::vector<Frame> pages = alloc_folio(m);
  if (pages.empty()) return Outcome::oom;
  bool all_in = true;
  for_huge(m, s, [&](const auto& t) {
    if (all_in && is_swap(m, t)) all_in = do_swap_page(m, thread, t, Access::read) != Outcome::oom;
  });
  if (!all_in) {
    put_page(m, pages[0]);
    return Outcome::inval;
  }
  for_huge(m, s, [&](const auto& t) { take_over(m, t, pages[t.page % kHugePages]); });
  m.folio.upper(s).table = no;
  map_folio(m, s, pages);
  return Outcome::ok;
}

}  // namespace cow::spec

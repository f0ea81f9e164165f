// mremap to a place where nothing is: an entry moves, and in the ideal machine a page (5.14
// mm/mremap.c).
#pragma once

#include "spec/swap.h"

namespace cow::spec {

// move_ptes, one entry. No count changes (MOVE-1). Soft-dirty says that the place is new
// (move_soft_dirty_pte).
void move_pte(auto& m, const auto& from, const auto& to) {
  clear_uffd_wp(m, from);  // the new place is not registered
  if (is_swap(m, from)) move_swap_pte(m, from, to);
  if (!m.pte[from].present) return;
  const auto f = m.frame_at(from);
  auto&& old = m.pte[from];
  set_pte(m, to, f, old.writable || m.mutated(Mutant::move_gives_write), old.dirty);
  m.pte[to].young = old.young;
  old.present = m.mutated(Mutant::move_keeps_entry);
  if (is_zero_page(m, f)) return;
  m.rss.remove(from, rss_key(m, from, f));
  m.mapped.remove(from, f);
  count_mapping(m, to, f);
}

// The object moves along, and references with it (MOVE-2).
void move_page(auto& i, const auto& from, const auto& to) {
  if (!i.place[from].own) return;
  const auto o = value(i.place[from].object);
  i.place[from].own = no;
  i.place[to].own = yes;
  i.place[to].object = o;
  i.object[o].slot = to;
}

}  // namespace cow::spec

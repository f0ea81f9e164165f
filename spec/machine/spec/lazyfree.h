// MADV_FREE: a process gives pages up, and reclaim takes those that were not written since, without
// writing them out (5.14 mm/madvise.c madvise_free_pte_range, mm/rmap.c try_to_unmap_one).
#pragma once

#include "spec/zap.h"

namespace cow::spec {

// A page that is dirty, or in the swap cache, is given up by its only mapper alone; one that is
// clean by anybody who maps it.
auto needs_only_mapper(const auto& m, const auto& f) {
  return m.more[f].dirty || m.more[f].in_cache;
}
// One entry (ADV-4).
void madvise_free_pte(auto& m, const auto& s) {
  if (is_swap(m, s)) return zap(m, s);
  const auto f = m.frame_at(s);
  if (is_zero_page(m, f)) return;
  auto&& page = m.more[f];
  if (needs_only_mapper(m, f)) {
    if (!(m.mapped.count(f) == 1)) return;
    try_to_free_swap(m, f);
    if (page.in_cache) return;
    page.dirty = no;
  }
  page.lazy = yes;
  m.pte[s].dirty = m.pte[s].young = no;
}

// Reclaim of a page that was given up: what this entry says of it (SWAP-6). From 5.18 a page that
// somebody holds stays.
auto written_since(const auto& m, const auto& s) {
  return m.pte[s].dirty || m.more[m.pte[s].frame].dirty;
}
auto stays_for_holders(const auto& m, const auto& f) {
  return m.rules.lazyfree_asks_references && !(refcount(m, f) == m.mapped.count(f));
}

// It is no page to be dropped any more: it is swapped out like others next time.
void keep_page(auto& m, const auto& f) {
  m.more[f].lazy = no;
  m.more[f].dirty = yes;
}

}  // namespace cow::spec

// The swap cache: what it and KSM ask of a reuse, and when a page leaves it (5.14 mm/swapfile.c,
// mm/swap_state.c).
#pragma once

#include "spec/state.h"

namespace cow::spec {

// The entries that name the page's swap slot.
auto swapcount(const auto& m, const auto& f) { return m.swapped.count(value(m.more[f].slot)); }

// What reuse asks besides (REUSE-2): from 5.1 to 5.8 a KSM page that nobody else holds is reused; a
// page in the swap cache if it can leave that (in 5.9 to 5.17 never).
auto ksm_allows_reuse(const auto& m, const auto& f) {
  return !is_ksm(m, f) || (m.rules.reuses_ksm && !in_swap_cache(m, f) && refcount(m, f) == 1);
}
auto swap_allows_reuse(const auto& m, const auto& f) {
  return !in_swap_cache(m, f) || m.mutated(Mutant::swap_cache_page_reused) ||
         (m.rules.reuse_frees_swap_cache && swapcount(m, f) == 0);
}

// try_to_free_swap: no entry has the page's swap slot any more, and the page leaves the cache, the
// only one with its bytes.
void try_to_free_swap(auto& m, const auto& f) {
  if (!in_swap_cache(m, f) || swapcount(m, f) > 0) return;
  m.more[f].in_cache = m.swap[value(m.more[f].slot)].cached = no;
  m.more[f].dirty = yes;
  put_page(m, f);
}

// free_swap_cache: nor does any entry map the page (SWAP-3).
void free_swap_cache(auto& m, const auto& f) {
  if (m.mapped.count(f) == 0) try_to_free_swap(m, f);
}

// set_page_dirty: written through a reference, or by force, so that no entry tells of it.
void set_page_dirty(auto& m, const auto& f) { m.more[f].dirty = yes; }

// A page is its process's alone from now on: no longer merged, nor in the swap cache, where a page
// that was exclusive stays.
void own_alone(auto& m, const auto& f) {
  if (!m.page[f].exclusive) try_to_free_swap(m, f);
  m.page[f].exclusive = m.rules.tracks_exclusive;
  m.more[f].ksm = m.mutated(Mutant::ksm_reused) && m.more[f].ksm;
}

}  // namespace cow::spec

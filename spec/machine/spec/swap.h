// Swap: reclaim turns a page's entries into swap entries; a fault brings it back (5.14 mm/vmscan.c,
// mm/rmap.c try_to_unmap_one, mm/memory.c do_swap_page, mm/swapfile.c).
#pragma once

#include <optional>

#include "spec/wp_fault.h"

namespace cow::spec {

void set_swap_pte(auto& m, const auto& s, const auto& e, const auto& exclusive) {
  auto&& entry = m.swap_pte[s];
  entry.is_swap = yes;
  entry.exclusive = exclusive;
  entry.slot = e;
  m.pte[s].present = m.pte[s].writable = no;
  m.swapped.add(s, e);  // CNT-5
  m.rss.add(s, m.swap_key_of(s));
}

// ---- Out --------------------------------------------------------------------------------------

// shrink_page_list: may the page be taken from those that map it? (SWAP-1)
auto reclaim_spares(const auto& m, const auto& f) {
  const bool asks = m.rules.reclaim_spares_pinned && !m.mutated(Mutant::reclaim_takes_pinned);
  return is_ksm(m, f) || (asks && maybe_pinned(m, f));
}

void add_to_swap(auto& m, const auto& f) {
  if (in_swap_cache(m, f)) return;
  const auto e = m.device.fresh(m);
  m.more[f].in_cache = m.swap[e].cached = yes;
  m.more[f].slot = e;
  m.swap[e].frame = f;
}

// try_to_unmap_one: the present entry of s, whose page is in the swap cache. While there is no page
// the entry keeps its exclusive mark (5.19, SWAP-4).
void try_to_unmap_one(auto& m, const auto& s) {
  const auto f = m.frame_at(s);
  m.rss.remove(s, rss_key(m, s, f));
  m.mapped.remove(s, f);
  set_swap_pte(m, s, value(m.more[f].slot), value(m.page[f].exclusive));
  if (!m.mutated(Mutant::exclusive_while_away)) m.page[f].exclusive = no;
}

// __remove_mapping: written out, the page goes unless somebody still holds it (SWAP-2).
void remove_mapping(auto& m, const auto& f) {
  if (!(refcount(m, f) == 1)) return;
  const auto e = value(m.more[f].slot);
  m.swap[e].data = m.page[f].data;
  m.more[f].in_cache = m.swap[e].cached = no;
  put_page(m, f);
}

// ---- Entries that stay away -------------------------------------------------------------------

// swap_free and free_swap_and_cache: the entry of s is gone (EXIT-1).
void drop_swap(auto& m, const auto& s) {
  const auto e = value(m.swap_pte[s].slot);
  m.swap_pte[s].is_swap = no;
  m.swapped.remove(s, e);
  m.rss.remove(s, m.swap_key_of(s));
}
void zap_swap(auto& m, const auto& s) {
  const auto e = value(m.swap_pte[s].slot);
  drop_swap(m, s);
  if (m.swap[e].cached) free_swap_cache(m, value(m.swap[e].frame));
}

// copy_nonpresent_pte (CNT-5). What two entries name is exclusive to neither.
void copy_swap_pte(auto& m, const auto& s, const auto& child) {
  if (!m.mutated(Mutant::fork_keeps_exclusive)) m.swap_pte[s].exclusive = no;
  const auto e = value(m.swap_pte[s].slot);
  set_swap_pte(m, child, e, no);
  if (m.mutated(Mutant::swapcount_forgotten)) m.swapped.remove(child, e);
  m.pte[child].soft_dirty = m.pte[s].soft_dirty;
}

void move_swap_pte(auto& m, const auto& from, const auto& to) {
  const auto e = value(m.swap_pte[from].slot);
  const auto exclusive = value(m.swap_pte[from].exclusive);
  drop_swap(m, from);
  set_swap_pte(m, to, e, exclusive);
  m.pte[to].soft_dirty = yes;
}

// ---- In ---------------------------------------------------------------------------------------

// The page of a swap slot: out of the cache, or read in. A slot that one entry names is read past
// the cache, as from a device that answers at once (SWP_SYNCHRONOUS_IO).
auto swap_in_page(auto& m, const auto& e) {
  using Page = decltype(m.memory.alloc(m));
  if (m.swap[e].cached) return Page(value(m.swap[e].frame));
  auto f = alloc_anon_page(m);
  if (!f) return f;
  m.page[*f].exclusive = no;
  if (!m.mutated(Mutant::swap_in_without_data)) m.page[*f].data = m.swap[e].data;
  if (m.swapped.count(e) == 1) return f;
  m.more[*f].in_cache = m.swap[e].cached = yes;
  m.more[*f].slot = e;
  m.swap[e].frame = *f;
  return f;
}

// reuse_swap_page (up to 5.17): a write may keep the page that it swaps in if nobody else maps it
// and no other entry names its slot; references are not asked for (SWAP-5).
auto reuse_swap_page(const auto& m, const auto& f, const auto& e) {
  return m.rules.swapin_ignores_references && !is_ksm(m, f) && m.mapped.count(f) == 0 &&
         (m.mutated(Mutant::swap_in_ignores_count) || m.swapped.count(e) == 1);
}

// do_swap_page. No outcome: a copy has begun.
std::optional<Outcome> do_swap_page(auto& m, const auto& t, const auto& s, Access access) {
  const bool write = access == Access::write;
  if (write && uffd_takes(m, s)) return Outcome::uffd;  // WP-2
  const auto e = value(m.swap_pte[s].slot);
  const auto page = swap_in_page(m, e);
  if (!page) return Outcome::oom;
  const auto& f = *page;
  const auto kept = write && reuse_swap_page(m, f, e);
  const auto soft_dirty = value(m.pte[s].soft_dirty);
  const auto was_exclusive = value(m.swap_pte[s].exclusive);
  drop_swap(m, s);
  map_page(m, s, f, no, no);
  m.pte[s].soft_dirty = soft_dirty;
  if (m.rules.tracks_exclusive)  // SWAP-4
    m.page[f].exclusive = m.page[f].exclusive || was_exclusive || refcount(m, f) == 1;
  if (kept) {
    try_to_free_swap(m, f);
    return wp_page_reuse(m, s);
  }
  if (write) return do_wp_page(m, t, s, access);
  if (m.rules.swapin_restores_write)
    m.pte[s].writable = vma_of(m, s).write && m.page[f].exclusive && soft_dirty && !uffd_wp(m, s);
  return Outcome::swapped;
}

}  // namespace cow::spec

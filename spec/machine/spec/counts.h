// Counting: who holds a page, and when it is free again.
#pragma once

#include "spec/mutants.h"
#include "spec/state.h"
#include "spec/swap_cache.h"

namespace cow::spec {

inline constexpr int kPinBias = 1024;  // GUP_PIN_COUNTING_BIAS

auto is_zero_page(const auto& m, const auto& f) { return f == m.zero_page(); }

// page_count: mappings, the caches, gets and stray references, and 1024 for each pin (CNT-2).
auto refcount(const auto& m, const auto& f) {
  return m.mapped.count(f) + m.gets.count(f) + m.temps.count(f) + m.fresh.count(f) +
         m.one_if(m.page[f].cached) + m.one_if(in_swap_cache(m, f)) + kPinBias * m.pins.count(f) +
         m.folio.besides(m, f);
}

// page_maybe_dma_pinned: may be wrong towards yes, never towards no (PIN-5).
auto maybe_pinned(const auto& m, const auto& f) { return refcount(m, f) >= kPinBias; }

// put_page, once the holder's count was dropped: the last holder frees the page.
void put_page(auto& m, const auto& f) {
  if (m.mutated(Mutant::freed_while_pinned))
    m.memory.free_if(m, f, refcount(m, f) == kPinBias * m.pins.count(f));
  else m.memory.free_if(m, f, refcount(m, f) == 0);
}

// A zeroed anonymous page that nobody holds yet; nothing where memory has run out.
auto alloc_anon_page(auto& m) {
  auto f = m.memory.alloc(m);
  if (!f) return f;
  auto&& page = m.page[*f];
  page.anon = yes;
  page.shmem = page.cached = m.more[*f].ksm = m.more[*f].dirty = m.more[*f].lazy = no;
  page.exclusive = m.rules.tracks_exclusive;
  page.data = m.zeros();
  return f;
}

// Which counter of its process an entry for f belongs to.
auto rss_key(const auto& m, const auto& s, const auto& f) {
  return m.rss_key_of(s, m.page[f].anon, m.page[f].shmem);
}

// The entry of s maps f: a mapcount, a reference, one more in its process's rss.
void count_mapping(auto& m, const auto& s, const auto& f) {
  m.mapped.add(s, f);              // CNT-1
  m.rss.add(s, rss_key(m, s, f));  // CNT-3
}

// page_remove_rmap and put_page for one entry (EXIT-1). The zero page is not counted.
void drop_mapping(auto& m, const auto& s, const auto& f) {
  if (is_zero_page(m, f)) return;
  m.rss.remove(s, rss_key(m, s, f));
  m.mapped.remove(s, f);
  free_swap_cache(m, f);
  put_page(m, f);
}

// An entry as a fault makes it. x86: every protection value has the accessed bit.
void set_pte(auto& m, const auto& s, const auto& f, const auto& writable, const auto& dirty) {
  auto&& pte = m.pte[s];
  pte.present = pte.young = pte.soft_dirty = yes;
  pte.frame = f;
  pte.writable = writable;
  pte.dirty = dirty;
}

// … of a page that counts.
void map_page(auto& m, const auto& s, const auto& f, const auto& writable, const auto& dirty) {
  set_pte(m, s, f, writable, dirty);
  count_mapping(m, s, f);
}

// anon_vma_prepare: before an area's first anonymous page, also one that then cannot be had
// (ERR-4).
void anon_vma_prepare(auto& m, const auto& s) { vma_of(m, s).anon_vma = yes; }

}  // namespace cow::spec

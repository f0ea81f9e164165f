// Taking entries away, and taking their write permission away or giving it back.
#pragma once

#include "spec/swap.h"

namespace cow::spec {

// zap_pte_range, one entry: munmap, exit and MADV_DONTNEED (EXIT-1, EXIT-3).
void zap(auto& m, const auto& s) {
  clear_uffd_wp(m, s);
  if (is_swap(m, s)) zap_swap(m, s);
  if (!m.pte[s].present) return;
  const auto f = m.frame_at(s);
  m.pte[s].present = m.mutated(Mutant::zap_keeps_entry);
  drop_mapping(m, s, f);
}

// The last mapping of shared memory is gone: its page leaves the cache.
void evict(auto& m, const auto& b) {
  if (!m.block[b].cached) return;
  const auto f = value(m.block[b].frame);
  m.block[b].cached = m.page[f].cached = no;
  put_page(m, f);
}

// can_change_pte_writable (6.0): may mprotect make this private entry writable at once (PROT-2)?
auto mprotect_may_enable(const auto& m, const auto& s) {
  auto&& page = m.page[m.pte[s].frame];
  return m.mutated(Mutant::mprotect_gives_write) ||
         (m.rules.mprotect_restores_write && page.anon && page.exclusive && m.pte[s].soft_dirty &&
          !uffd_wp(m, s));
}

// change_protection, one present entry, after its area has its new flags (EXIT-4, PROT-1). A shared
// file wants to hear of the first write to a clean page; shmem does not.
void change_protection(auto& m, const auto& s) {
  auto&& pte = m.pte[s];
  auto&& vma = vma_of(m, s);
  if (vma.shared) pte.writable = vma.write && (vma.shmem || pte.dirty);
  else pte.writable = vma.write && (pte.writable || mprotect_may_enable(m, s));
}

// clear_refs for soft-dirty, one present entry of a private mapping (SOFT-1).
void clear_soft_dirty(auto& m, const auto& s) { m.pte[s].writable = m.pte[s].soft_dirty = no; }

}  // namespace cow::spec

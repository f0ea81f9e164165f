// fork: dup_mmap and copy_page_range, one area and one entry at a time (5.14 kernel/fork.c,
// mm/memory.c).
#pragma once

#include "spec/swap.h"

namespace cow::spec {

// dup_mmap: the child's area. It is attached to the parent's anon_vmas, if there are any.
void dup_vma(auto& m, const auto& parent, const auto& child) {
  m.vma.copy(parent, child);
  auto&& vma = m.vma[child];
  vma.anon_vma = vma.anon_vma && !vma.wipeonfork;  // FORK-3
  vma.inherited = vma.anon_vma;
  vma.locked = m.mutated(Mutant::lock_inherited) && vma.locked;  // FORK-4
  vma.uffd = no;                                                 // FORK-8
}

// copy_page_range copies nothing for an area that never had an anonymous page (FORK-5).
auto vma_needs_copy(const auto& m, const auto& v) {
  return m.vma[v].anon_vma || m.mutated(Mutant::copies_every_area);
}

// page_needs_cow_for_dma: is the page copied for the child at once (PIN-1)?
auto needs_early_copy(const auto& m, const auto& s, const auto& f) {
  auto&& page = m.page[f];
  const auto kind = (page.anon && (!m.rules.tracks_exclusive || page.exclusive)) ||
                    (!page.anon && m.rules.fork_copies_pinned_file);
  return m.rules.fork_copies_pinned && !m.mutated(Mutant::early_copy_skipped) && kind &&
         is_private(m, s) && m.mm[m.mm_of(s)].has_pinned && maybe_pinned(m, f);
}

// copy_present_page: the child gets a page of its own; the parent's entry and page stay as they
// are.
bool copy_present_page(auto& m, const auto& child, const auto& f) {
  const auto fresh = alloc_anon_page(m);
  if (!fresh) return false;  // ERR-3
  m.page[*fresh].data = m.page[f].data;
  map_page(m, child, *fresh, vma_of(m, child).write, yes);
  return true;
}

// copy_pte_range, entry s of the parent and its place in the child. False: no memory (ERR-1).
bool copy_pte(auto& m, const auto& s, const auto& child) {
  if (is_swap(m, s)) {
    copy_swap_pte(m, s, child);
    return true;
  }
  const auto f = m.frame_at(s);
  auto&& from = m.pte[s];
  if (!is_zero_page(m, f)) {
    if (needs_early_copy(m, s, f)) return copy_present_page(m, child, f);
    if (!m.mutated(Mutant::exclusive_survives_fork)) m.page[f].exclusive = no;
    count_mapping(m, child, f);
  }
  const auto cow = is_private(m, s);  // is_cow_mapping
  const auto keeps_write = value(from.writable && !cow);
  auto&& to = m.pte[child];
  to.present = yes;
  to.frame = f;
  to.writable = m.mutated(Mutant::child_stays_writable) ? from.writable : keeps_write;  // FORK-2
  to.dirty = from.dirty && cow;                                                         // FORK-6
  to.young = no;
  to.soft_dirty = from.soft_dirty;
  if (!m.mutated(Mutant::parent_stays_writable)) from.writable = keeps_write;  // FORK-2
  return true;
}

}  // namespace cow::spec

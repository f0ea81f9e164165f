// The write fault on a present, read-only entry: do_wp_page and wp_page_copy (5.14 mm/memory.c).
#pragma once

#include <utility>

#include "spec/faults.h"

namespace cow::spec {

// May the process that faults keep this anonymous page? The one decision of copy-on-write.
auto wp_can_reuse(const auto& m, const auto& f) {  // REUSE-1, REUSE-4, EXIT-2
  const bool ask_map = m.rules.reuse_needs_mapcount_1 && !m.mutated(Mutant::mapcount_ignored);
  const bool ask_ref = m.rules.reuse_needs_refcount_1 && !m.mutated(Mutant::refcount_ignored);
  const auto alone = refcount(m, f) == 1 + m.one_if(in_swap_cache(m, f));
  return (m.rules.tracks_exclusive && m.page[f].exclusive) ||
         (ksm_allows_reuse(m, f) && swap_allows_reuse(m, f) &&  // REUSE-2
          (!ask_map || m.mapped.count(f) == 1) && (!ask_ref || alone));
}

Outcome wp_page_reuse(auto& m, const auto& s) {
  auto&& pte = m.pte[s];
  pte.young = pte.dirty = pte.soft_dirty = yes;
  pte.writable = vma_of(m, s).write || m.mutated(Mutant::reuse_always_writes);  // REUSE-3
  return Outcome::reused;
}

// A shared mapping's entry becomes writable; nothing is ever copied (SHM-1).
Outcome wp_page_shared(auto& m, const auto& s) {
  wp_page_reuse(m, s);
  return Outcome::enabled;
}

// wp_page_copy, first part: a reference keeps the old page while the page-table lock is dropped.
void wp_copy_begin(auto& m, const auto& t, const auto& s, Access access) {
  auto&& copy = m.copying[t];
  auto&& pte = m.pte[s];
  copy.busy = yes;
  copy.ready = no;
  copy.unshare = access == Access::unshare;
  copy.slot = s;
  copy.old = pte.frame;
  copy.dirty = pte.dirty;
  copy.young = pte.young;
  copy.soft_dirty = pte.soft_dirty;
  copy.wp = std::as_const(m).uffd[s].wp;
  if (is_zero_page(m, pte.frame) || m.mutated(Mutant::temp_reference_skipped)) return;
  m.temps.add(t, pte.frame);
}

void wp_copy_end(auto& m, const auto& t) {
  const auto old = value(m.copying[t].old);
  m.copying[t].busy = no;
  if (is_zero_page(m, old) || m.mutated(Mutant::temp_reference_skipped)) return;
  m.temps.remove(t, old);
  free_swap_cache(m, old);
  put_page(m, old);
}

// Second part: memory, and the contents as they are now. False: there is no memory (ERR-2).
bool wp_copy_contents(auto& m, const auto& t) {
  auto&& copy = m.copying[t];
  anon_vma_prepare(m, copy.slot);
  const auto fresh = alloc_anon_page(m);
  if (!fresh) {
    if (!m.mutated(Mutant::oom_leaks_page)) wp_copy_end(m, t);
    return false;
  }
  if (!m.mutated(Mutant::copy_without_contents)) m.page[*fresh].data = m.page[copy.old].data;
  m.fresh.add(t, *fresh);
  copy.fresh = *fresh;
  copy.ready = yes;
  return true;
}

// Is the entry still the one that the fault found? Young, dirty and a mark count too (WP-4, WP-2).
auto pte_same(const auto& m, const auto& t) {
  auto&& copy = m.copying[t];
  auto&& pte = m.pte[copy.slot];
  return pte.present && !pte.writable && pte.frame == copy.old && pte.dirty == copy.dirty &&
         pte.young == copy.young && pte.soft_dirty == copy.soft_dirty && mark_same(m, copy);
}

// Third part, under the lock again: recheck and switch. False: somebody else changed the entry;
// nothing happened, and the access looks again.
bool wp_copy_switch(auto& m, const auto& t) {
  auto&& copy = m.copying[t];
  const auto s = value(copy.slot);
  const auto old = value(copy.old), fresh = value(copy.fresh);
  m.fresh.remove(t, fresh);
  if (!m.mutated(Mutant::recheck_skipped) && !pte_same(m, t)) {
    put_page(m, fresh);
    wp_copy_end(m, t);
    return false;
  }
  if (!is_zero_page(m, old)) {
    if (!m.mutated(Mutant::mapcount_kept)) m.mapped.remove(s, old);  // COPY-2
    m.rss.remove(s, rss_key(m, s, old));
  }
  m.mapped.add(s, fresh);
  m.rss.add(s, rss_key(m, s, m.mutated(Mutant::rss_forgotten) ? old : fresh));  // CNT-4
  const auto written = value(!copy.unshare);  // what is unshared stays read-only and clean
  const auto dirty = written && !m.mutated(Mutant::copy_stays_clean);  // COPY-3
  set_pte(m, s, fresh, written && vma_of(m, s).write, dirty);
  m.pte[s].soft_dirty = written || copy.soft_dirty;
  wp_copy_end(m, t);
  return true;
}

// do_wp_page, tests in the kernel's order. No outcome: a copy has begun. (wp_pfn_shared would stand
// first: a shared mapping without struct page, of which there is none at this size.)
std::optional<Outcome> do_wp_page(auto& m, const auto& t, const auto& s, Access access) {
  if (access != Access::unshare && uffd_takes(m, s)) return Outcome::uffd;  // WP-2
  const auto f = m.frame_at(s);
  if (is_zero_page(m, f)) {
    if (m.mutated(Mutant::zero_page_reused)) return wp_page_reuse(m, s);
  } else if (m.page[f].anon) {
    if (may_keep(m, s, f)) {
      own_alone(m, f);
      return access == Access::unshare ? Outcome::hit : wp_page_reuse(m, s);
    }
  } else if (vma_of(m, s).shared) {
    return wp_page_shared(m, s);
  } else if (m.mutated(Mutant::file_page_reused)) {  // REUSE-2
    return wp_page_reuse(m, s);
  }
  wp_copy_begin(m, t, s, access);
  return std::nullopt;
}

}  // namespace cow::spec

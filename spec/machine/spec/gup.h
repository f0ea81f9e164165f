// Using memory: the processor's accesses, FOLL_FORCE, and references (5.14 mm/gup.c).
#pragma once

#include "spec/swap.h"

namespace cow::spec {

// What the processor asks of an entry, and what it leaves in it.
auto pte_allows(const auto& m, const auto& s, Access access) {
  return m.pte[s].present && (access == Access::read || m.pte[s].writable);
}

void mark_accessed(auto& m, const auto& s, Access access) {
  auto&& pte = m.pte[s];
  pte.young = yes;
  pte.dirty = pte.dirty || access == Access::write;
  pte.soft_dirty = pte.soft_dirty || access == Access::write;
}

// handle_pte_fault, where the entry does not allow the access. No outcome: a copy has begun.
std::optional<Outcome> handle_pte_fault(auto& m, const auto& t, const auto& s, Access access) {
  if (const auto huge = handle_huge(m, s, access)) return huge;
  if (is_swap(m, s)) return do_swap_page(m, t, s, access);
  if (!m.pte[s].present) return do_no_page(m, s, access);
  return do_wp_page(m, t, s, access);  // WP-1
}

// FOLL_FORCE on a read-only entry of a read-only private area, without a fault (from 6.0, PIN-4,
// FORCE-1).
auto force_accepts(const auto& m, const auto& s) {
  auto&& pte = m.pte[s];
  auto&& vma = vma_of(m, s);
  auto&& page = m.page[pte.frame];
  return m.rules.force_accepts_exclusive && pte.present && !vma.write && !vma.shared && page.anon &&
         page.exclusive && pte.soft_dirty && !uffd_wp(m, s);
}

// gup_must_unshare: a read-only FOLL_PIN of a page that could part from its owner (PIN-3).
auto must_unshare(const auto& m, const auto& s, bool longterm) {
  auto&& page = m.page[m.pte[s].frame];
  const bool any = m.rules.unshares_any_long_pin && longterm;
  return !m.mutated(Mutant::unshare_skipped) &&
         ((m.rules.unshares_before_ro_pin && page.anon && !page.exclusive) ||
          (any && !page.anon && is_private(m, s)));
}

struct Gup {
  bool write, pin, longterm, fast, stray;
};

// What stands between this request and the page: nothing, or the fault that is needed first.
std::optional<Access> gup_needs_fault(const auto& m, const auto& s, Gup gup) {
  if (!m.pte[s].present) return gup.write ? Access::write : Access::read;
  if (gup.write) {
    if (m.pte[s].writable || m.mutated(Mutant::ro_entry_pinned_rw)) return std::nullopt;
    return Access::write;
  }
  if (gup.pin && must_unshare(m, s, gup.longterm)) return Access::unshare;
  return std::nullopt;
}

// gup_fast: takes no fault, no special page, and leaves everything else to the slow way.
auto gup_fast_takes(const auto& m, const auto& s, Gup gup) {
  return !gup_needs_fault(m, s, gup) && !is_zero_page(m, m.pte[s].frame);
}

// Before anything is pinned, the mm is marked (PIN-5).
void mark_has_pinned(auto& m, const auto& s) {
  if (!m.mutated(Mutant::has_pinned_forgotten)) m.mm[m.mm_of(s)].has_pinned = yes;
}

// try_grab_page: the reference k on the page that s maps. The zero page is not counted.
void grab_page(auto& m, const auto& k, const auto& s, Gup gup) {
  const auto f = m.frame_at(s);
  auto&& ref = m.ref[k];
  ref.live = yes;
  ref.pin = gup.pin;
  ref.write = gup.write;
  ref.stray = gup.stray;
  ref.frame = f;  // PIN-6
  if (is_zero_page(m, f)) return;
  (gup.pin ? m.pins : m.gets).add(k, f);
}

// unpin_user_page, put_page.
void release_page(auto& m, const auto& k) {
  const auto f = value(m.ref[k].frame);
  m.ref[k].live = no;
  if (is_zero_page(m, f)) return;
  (m.ref[k].pin ? m.pins : m.gets).remove(k, f);
  put_page(m, f);
}

// One byte of a page, through an entry or a reference that allows it.
void store(auto& m, const auto& f, const auto& cell, const auto& byte) {
  m.page[f].data = m.put(m.page[f].data, cell, byte);
}

}  // namespace cow::spec

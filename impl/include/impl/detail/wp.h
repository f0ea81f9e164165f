// Write faults on present, read-only entries. Linux: do_wp_page and what it calls.
#pragma once

#include <cstring>
#include <optional>

#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/detail/folio.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> bool BasicMachine<Build>::may_reuse(const Fault& f, FrameNo page) {
  RuleBits<bool> rules = rules_;
  if (Build::mutated(M::reuse_unasked)) return true;
  if (Build::mutated(M::mapcount_ignored)) rules.reuse_needs_mapcount_1 = false;
  if (Build::mutated(M::refcount_ignored)) rules.reuse_needs_refcount_1 = false;
  if (folios_.of(page) != kNoFolio && !Build::mutated(M::large_folio_asks_own_page))
    return may_reuse_large(f, page, rules);  // HUGE-5
  return wp_can_reuse(rules, frames_.counts(page), frames_.flags(page),
                      PageCounts{swapcount(page)});  // REUSE-1 REUSE-4
}

// What is decided under the page table's lock. A copy needs memory and time, so for that the lock
// is dropped, and a reference keeps the old page.
template <class Build> Outcome BasicMachine<Build>::do_wp_page(Fault& f) {
  {
    const PageTableLock held(tables_.lock_of(f.pte));
    if (Sync::load(*f.pte) != f.orig) return Outcome::hit;  // WP-1 WP-4
    if (f.write && pte_write(f.orig) && !Build::mutated(M::writable_entry_decides))
      return Outcome::hit;
    if (!f.unshare && uffd_wp(f.area.flags, f.orig) && !Build::mutated(M::uffd_not_delivered))
      return Outcome::uffd;  // WP-2
    if (const auto done = keep_or_hold(f)) return *done;
  }
  return wp_page_copy(f);
}

// None: the page is to be copied, and is held meanwhile. REQUIRES: the table's lock.
template <class Build> std::optional<Outcome> BasicMachine<Build>::keep_or_hold(Fault& f) {
  if (!f.unshare) flush_if_pending(f, f.vpn(), f.vpn() + 1);
  Outcome outcome = Outcome::ok;
  if (keeps_page(f, outcome)) return outcome;
  if (!pte_special(f.orig) && !Build::mutated(M::mapcount_dropped_before_switch))
    frames_.get(pte_frame(f.orig), 1);
  return std::nullopt;
}

// userfaultfd takes write permission away beside faults, and flushes at the end. Until then another
// CPU may go on writing to these pages, and a copy would lose that. REQUIRES: the table's lock, so
// that who has changed the entry has been counted before. WP-3
template <class Build>
void BasicMachine<Build>::flush_if_pending(const Fault& f, Vpn first, Vpn end) {
  if (!vm_has(f.area.flags, kVmUffdWp) || Build::mutated(M::pending_flush_ignored)) return;
  if (Sync::load(f.mm.tlb_flush_pending) != 0) flush(f.mm, first, end);
}

template <class Build> bool BasicMachine<Build>::keeps_page(Fault& f, Outcome& outcome) {
  if (pte_special(f.orig)) return false;  // ZERO-2
  const FrameNo page = pte_frame(f.orig);
  if (page_anon(frames_.flags(page))) {
    if (!may_reuse(f, page)) return false;
    if (frames_.kind(page) != Kind::anon) own_alone(page, f.cpu);
    if (rules_.tracks_exclusive && !Build::mutated(M::exclusive_never_set))
      frames_.set_exclusive(page);
    outcome =
        f.unshare ? Outcome::ok : wp_page_reuse(f);  // unsharing leaves the entry alone. PIN-3
    return true;
  }
  if (f.region.share == Share::shared && !Build::mutated(M::shared_write_copies)) {
    outcome = wp_page_shared(f);  // SHM-1
    return true;
  }
  if (!Build::mutated(M::file_page_reused) || f.unshare) return false;  // REUSE-2, INT-1
  outcome = wp_page_reuse(f);
  return true;
}

// A page that was merged is so no longer, and one in the swap cache leaves that unless it is
// exclusive all the same.
template <class Build> void BasicMachine<Build>::own_alone(FrameNo page, unsigned cpu) {
  const PageFlags flags = frames_.flags(page);
  if (page_swap_cache(flags) && !page_exclusive(flags)) {
    const SwapLock device(swap_.lock());
    try_to_free_swap(page, cpu);
  }
  if (page_ksm(frames_.flags(page))) frames_.set_kind(page, Kind::anon, cpu);
}

// An older translation forbids more than this entry: it faults once too often, and is dropped.
template <class Build> Outcome BasicMachine<Build>::wp_page_reuse(Fault& f) {
  // Counts stay as they are; write only if the area has it. REUSE-3
  const VmFlags area = Build::mutated(M::reuse_ignores_area) ? kVmWrite : f.area.flags;
  Pte e = maybe_mkwrite(pte_mkdirty(pte_mkyoung(f.orig)), area);
  if (Build::mutated(M::reuse_stays_read_only)) e = pte_wrprotect(e);  // LIVE-1
  Sync::store(*f.pte, e);
  f.cow_done = true;
  return Outcome::reused;
}

template <class Build> Outcome BasicMachine<Build>::wp_page_shared(Fault& f) {
  Sync::store(*f.pte, maybe_mkwrite(pte_mkdirty(pte_mkyoung(f.orig)), f.area.flags));
  return Outcome::enabled;
}

template <class Build> Outcome BasicMachine<Build>::wp_page_copy(Fault& f) {
  const FrameNo old_page = pte_frame(f.orig);
  const bool from_zero = pte_special(f.orig);
  const bool early = Build::mutated(M::mapcount_dropped_before_switch) && !from_zero;
  anon_vma_prepare(f.area);
  if (early) drop_mapping(old_page, f.cpu);
  if (Build::mutated(M::copy_clears_entry_first)) Sync::store(*f.pte, 0);
  const FrameNo page = from_zero ? alloc_zeroed_page(f.cpu) : frames_.alloc(Kind::anon, f.cpu);
  if (page == kNoPage) {
    if (!from_zero && !early) {
      free_swap_cache(old_page, f.cpu);
      put_page(old_page, 1, f.cpu);
    }
    return Outcome::oom;  // ERR-2 COPY-4
  }
  if (!from_zero && !Build::mutated(M::contents_after_entry)) copy_page(page, old_page);
  bool switched = false;
  {
    const NotifierRange range(*this, f.mm, f.vpn(), f.vpn() + 1);
    const PageTableLock held(tables_.lock_of(f.pte));
    // The lock was dropped: anybody may have been here. WP-4
    switched = Sync::load(*f.pte) == f.orig || Build::mutated(M::copy_clears_entry_first) ||
               Build::mutated(M::recheck_skipped);
    if (switched) switch_page(f, page);
  }
  if (Build::mutated(M::contents_after_entry) && !from_zero) copy_page(page, old_page);
  if (!switched) frames_.free(page, f.cpu);
  if (!from_zero && !early) {
    free_swap_cache(old_page, f.cpu);
    put_page(old_page, 1, f.cpu);
  }
  return switched ? Outcome::copied : Outcome::hit;
}

template <class Build> Pte BasicMachine<Build>::copied_entry(Fault& f, FrameNo page) {
  Pte e = mk_pte(page, f.area.flags);
  if (f.unshare)  // a copy that was not written
    return (e & ~kSoftDirty) | (f.orig & (kSoftDirty | kUffdWp));
  if (!Build::mutated(M::copied_entry_clean)) e = pte_mkdirty(e);
  f.cow_done = true;
  return maybe_mkwrite(e, f.area.flags);  // COPY-3
}

// The old page's entry goes from every CPU before the new one is seen by any, and only then may
// another sharer find itself alone with the old page. ORD-1 ORD-2 ORD-3
template <class Build> void BasicMachine<Build>::switch_page(Fault& f, FrameNo page) {
  const FrameNo old_page = pte_frame(f.orig);
  const Kind old_kind = rss_kind(frames_.flags(old_page));
  if (old_kind != Kind::anon) {  // CNT-4
    f.mm.count(Kind::anon, f.cpu, 1);
    if (old_kind != Kind::zero && !Build::mutated(M::copy_keeps_file_rss))
      f.mm.uncount(old_kind, f.cpu, 1);
  }
  const Pte e = copied_entry(f, page);
  const bool late = Build::mutated(M::new_entry_before_flush);
  const bool never = Build::mutated(M::flush_skipped_on_copy);
  Sync::store(*f.pte, 0);
  if (!late && !never) flush(f.mm, f.vpn(), f.vpn() + 1);
  map_new_anon(page);
  Sync::store(*f.pte, e);
  if (late) flush(f.mm, f.vpn(), f.vpn() + 1);
  if (!pte_special(f.orig) && !Build::mutated(M::mapcount_kept_on_copy) &&
      !Build::mutated(M::mapcount_dropped_before_switch))
    drop_mapping(old_page, f.cpu);
}

}  // namespace cow::impl

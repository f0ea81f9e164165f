// Swap entries and the swap cache: coming back, and going for good. Linux: do_swap_page,
// mm/swapfile.c, mm/swap_state.c.
#pragma once

#include "impl/bytes.h"
#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

// The page leaves the swap cache, if no entry names its slot. REQUIRES: the device's lock.
template <class Build> void BasicMachine<Build>::try_to_free_swap(FrameNo page, unsigned cpu) {
  if (!page_swap_cache(frames_.flags(page)) || swap_.users(swap_.slot_of(page)) != 0) return;
  swap_.uncache(page);
  frames_.set_dirty(page);  // the slot had its bytes
  frames_.set_kind(page, page_ksm(frames_.flags(page)) ? kKsmPage : Kind::anon, cpu);
  frames_.put(page, 1, cpu);
}

// Nothing maps the page any more, and nothing is to bring it back: the cache lets it go. SWAP-3
template <class Build> void BasicMachine<Build>::free_swap_cache(FrameNo page, unsigned cpu) {
  if (!swap_.any_cached() || !page_swap_cache(frames_.flags(page))) return;
  if (Build::mutated(M::swap_cache_kept)) return;
  const SwapLock device(swap_.lock());
  if (frames_.mapped(page) == 0) try_to_free_swap(page, cpu);
}

// An entry that named the slot is gone. Linux: free_swap_and_cache. EXIT-1
template <class Build> void BasicMachine<Build>::drop_swap_entry(SwapNo slot, unsigned cpu) {
  const SwapLock device(swap_.lock());
  swap_.drop_user(slot);
  const FrameNo page = swap_.page(slot);
  if (page != kNoPage && frames_.mapped(page) == 0) try_to_free_swap(page, cpu);
}

// The child's entry, and what is left in the parent's: the slot is exclusive to neither. Linux:
// copy_nonpresent_pte. CNT-5
template <class Build> Pte BasicMachine<Build>::copy_swap_pte(Pte& src) {
  const Pte mark = Build::mutated(M::fork_keeps_swap_exclusive) ? 0 : kSwapExclusive;  // SWAP-4
  const Pte e = Sync::load(src) & ~mark;
  Sync::store(src, e);
  const SwapLock device(swap_.lock());
  swap_.add_user(swap_slot(e));
  if (Build::mutated(M::swapcount_counted_twice)) swap_.add_user(swap_slot(e));
  return e & ~kUffdWp;
}

template <class Build> std::uint64_t BasicMachine<Build>::swapcount(FrameNo page) {
  if (!page_swap_cache(frames_.flags(page))) return 0;
  const SwapLock device(swap_.lock());
  const bool still = page_swap_cache(frames_.flags(page));  // pages leave the cache under this lock
  return still ? swap_.users(swap_.slot_of(page)) : 0;
}

// The page for a slot, with a mapping already counted for the entry that brings it in. A slot that
// one entry names is read past the cache. kNoPage: no memory. REQUIRES: the device's lock.
template <class Build> FrameNo BasicMachine<Build>::swap_in_page(SwapNo slot, unsigned cpu) {
  FrameNo page = swap_.page(slot);
  if (page != kNoPage) {
    frames_.add_mapping(page);
    return page;
  }
  page = frames_.alloc(Kind::anon, cpu);
  if (page == kNoPage) return page;
  Sync::touch(frames_.bytes(page), true);
  std::memcpy(frames_.bytes(page), swap_.bytes(slot), kPageBytes);
  frames_.map_first(page, Kind::anon, false);
  if (swap_.users(slot) == 1) return page;
  try {
    swap_.cache(slot, page);
  } catch (const std::bad_alloc&) {
    frames_.remove_mapping(page, cpu);
    return kNoPage;
  }
  frames_.get(page, 1);
  frames_.set_kind(page, kSwapCachePage, cpu);
  return page;
}

template <class Build> Outcome BasicMachine<Build>::do_swap_page(Fault& f) {
  if (f.write && uffd_wp(f.area.flags, f.orig)) return Outcome::uffd;  // WP-2
  {
    const PageTableLock held(tables_.lock_of(f.pte));
    if (Sync::load(*f.pte) != f.orig) return Outcome::hit;
    if (!bring_in(f)) return Outcome::oom;
    if (f.cow_done) return Outcome::reused;
    if (!f.write) return Outcome::swapped;
    if (const auto done = keep_or_hold(f)) return *done;
  }
  return wp_page_copy(f);
}

// The entry maps the page; f.cow_done: the write keeps it. REQUIRES: the table's lock.
template <class Build> bool BasicMachine<Build>::bring_in(Fault& f) {
  const SwapLock device(swap_.lock());
  const SwapNo slot = swap_slot(f.orig);
  const FrameNo cached = swap_.page(slot);
  const PageCounts before = cached == kNoPage ? 0 : frames_.counts(cached);
  const PageFlags flags =
      cached == kNoPage ? static_cast<PageFlags>(Kind::anon) : frames_.flags(cached);
  const PageCounts users = Build::mutated(M::swapin_ignores_swapcount) ? 1 : swap_.users(slot);
  f.cow_done = f.write && reuse_swap_page(rules_, before, flags, users);
  const FrameNo page = swap_in_page(slot, f.cpu);
  if (page == kNoPage) return false;
  swap_.drop_user(slot);
  f.mm.uncount(kSwapEntries, f.cpu, 1);
  f.mm.count(Kind::anon, f.cpu, 1);
  if (rules_.tracks_exclusive &&
      ((f.orig & kSwapExclusive) != 0 || refcount_of(frames_.counts(page)) == 1))
    frames_.set_exclusive(page);  // SWAP-4
  f.orig = swapped_in_entry(f, page, f.cow_done);
  if (f.cow_done) try_to_free_swap(page, f.cpu);
  Sync::store(*f.pte, f.orig);
  return true;
}

template <class Build>
Pte BasicMachine<Build>::swapped_in_entry(const Fault& f, FrameNo page, bool kept) {
  const VmFlags area = f.area.flags;
  Pte e = (mk_pte(page, area) & ~kSoftDirty) | (f.orig & (kSoftDirty | kUffdWp));
  if (kept) return maybe_mkwrite(pte_mkdirty(e), area);
  const bool restores = rules_.swapin_restores_write && !f.write &&
                        page_exclusive(frames_.flags(page)) && pte_soft_dirty(e) &&
                        !uffd_wp(area, e);
  return restores ? maybe_mkwrite(e, area) : e;
}

}  // namespace cow::impl

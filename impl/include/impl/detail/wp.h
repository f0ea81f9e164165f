// Write faults on present, read-only entries. Linux: do_wp_page and what it calls.
#pragma once

#include <cstring>

#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> bool BasicMachine<Build>::may_reuse(FrameNo page) const {
  RuleBits<bool> rules = rules_;
  if (Build::mutated(M::reuse_unasked)) return true;
  if (Build::mutated(M::mapcount_ignored)) rules.reuse_needs_mapcount_1 = false;
  if (Build::mutated(M::refcount_ignored)) rules.reuse_needs_refcount_1 = false;
  return wp_can_reuse(rules, frames_.counts(page), frames_.flags(page));  // REUSE-1 REUSE-4
}

template <class Build> Outcome BasicMachine<Build>::do_wp_page(Fault& f) {
  if (pte_special(*f.pte)) return wp_page_copy(f);  // ZERO-2
  const FrameNo page = pte_frame(*f.pte);
  if (page_anon(frames_.flags(page))) {
    if (!may_reuse(page)) return wp_page_copy(f);
    if (rules_.tracks_exclusive && !Build::mutated(M::exclusive_never_set))
      frames_.set_exclusive(page);
    return f.unshare ? Outcome::ok : wp_page_reuse(f);  // unsharing leaves the entry alone. PIN-3
  }
  if (f.region.share == Share::shared && !Build::mutated(M::shared_write_copies))
    return wp_page_shared(f);  // SHM-1
  if (Build::mutated(M::file_page_reused) && !f.unshare) return wp_page_reuse(f);
  return wp_page_copy(f);  // REUSE-2, INT-1
}

template <class Build> Outcome BasicMachine<Build>::wp_page_reuse(Fault& f) {
  // Counts stay as they are; write only if the area has it. REUSE-3
  const VmFlags area = Build::mutated(M::reuse_ignores_area) ? kVmWrite : f.area.flags;
  *f.pte = maybe_mkwrite(pte_mkdirty(pte_mkyoung(*f.pte)), area);
  if (Build::mutated(M::reuse_stays_read_only)) *f.pte = pte_wrprotect(*f.pte);  // LIVE-1
  f.cow_done = true;
  return Outcome::reused;
}

template <class Build> Outcome BasicMachine<Build>::wp_page_shared(Fault& f) {
  *f.pte = maybe_mkwrite(pte_mkdirty(pte_mkyoung(*f.pte)), f.area.flags);
  return Outcome::enabled;
}

template <class Build> Outcome BasicMachine<Build>::wp_page_copy(Fault& f) {
  const Pte old = *f.pte;
  const FrameNo old_page = pte_frame(old);
  anon_vma_prepare(f.area);
  if (Build::mutated(M::copy_clears_entry_first)) *f.pte = 0;
  const FrameNo page = frames_.alloc(Kind::anon);
  if (page == kNoPage) return Outcome::oom;  // ERR-2 COPY-4
  if (pte_special(old)) std::memset(frames_.bytes(page), 0, kPageBytes);
  else copy_page(frames_.bytes(page), frames_.bytes(old_page));

  const Kind old_kind = frames_.kind(old_page);
  if (old_kind != Kind::anon) {  // CNT-4
    ++f.mm.rss[slot_of(Kind::anon)];
    if (old_kind != Kind::zero && !Build::mutated(M::copy_keeps_file_rss))
      --f.mm.rss[slot_of(old_kind)];
  }

  Pte e = mk_pte(page, f.area.flags);
  if (f.unshare) {
    e = (e & ~kSoftDirty) | (old & kSoftDirty);  // a read-only copy was not written
  } else {
    if (!Build::mutated(M::copied_entry_clean)) e = pte_mkdirty(e);
    e = maybe_mkwrite(e, f.area.flags);  // COPY-3
    f.cow_done = true;
  }
  map_new_anon(page);
  *f.pte = e;
  // Only now may another sharer find itself alone with the old page. ORD-2
  if (!pte_special(old)) remove_rmap(old_page);
  if (Build::mutated(M::mapcount_kept_on_copy) && !pte_special(old) &&
      frames_.kind(old_page) != Kind::none)
    frames_.counts(old_page) += PageCounts{1} << kMapcountShift;
  return Outcome::copied;
}

}  // namespace cow::impl

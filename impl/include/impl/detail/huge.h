// Huge pages: 512 entries that are one. Linux: mm/huge_memory.c.
//
// Where Linux has a PMD that maps 2 MiB, here is a last-level table whose 512 entries are alike and
// carry kHuge: they map the frames of one large folio in order, or all the zero page. What is done
// to the PMD is done to all of them under the table's lock; only hardware sets its bits in each on
// its own, and the PMD's are those of all together.
//
// Such a group of entries, a table's reach, is in one of three states:
//   none    no entry is set, and a fault may map a huge page
//   huge    all are set, and marked
//   table   there are small pages, or there were: no huge page comes
// A table that does not exist is none. One that does says in its word `used` whether it stands for
// no page table (none or huge). From "table" no fault leads back.
//
// Laws
//   Under the mmap_lock a group that is "table" stays so: whoever has found it so goes on as if
//   there were no huge pages.
//   A huge group lies in one area.
#pragma once

#include <algorithm>
#include <cstdint>

#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/detail/folio.h"
#include "impl/machine.h"

namespace cow::impl {

// The first of the entries that one with this one are a table's.
inline Pte* group_of(Pte* at) {
  return at - reinterpret_cast<std::uintptr_t>(at) / sizeof(Pte) % kTableEntries;
}

// What hardware has noted of a huge page, in any of its entries.
template <class Build> Pte BasicMachine<Build>::huge_marks(const Pte* at) const {
  const Pte* group = group_of(const_cast<Pte*>(at));
  Pte all = 0;
  for (unsigned i = 0; i < kTableEntries; ++i) all |= Sync::load(group[i]);
  return all & (kAccessed | kDirty | kSoftDirty);
}

// May a huge page come to be where the fault is, if nothing is there?
template <class Build> bool BasicMachine<Build>::huge_allowed(const Fault& f) const {
  const std::uint32_t first = f.page / kFolioPages * kFolioPages;
  return vm_has(f.area.flags, kVmHugePage) && f.area.first <= first &&
         first + kFolioPages <= f.area.end;
}

// A fault in private anonymous memory, before everything else. False: small pages are there, and
// the fault is theirs. HUGE-4 HUGE-6
template <class Build> bool BasicMachine<Build>::huge_fault(Fault& f, Outcome& outcome) {
  auto& stands_for_none = tables_.used(tables_.table_of(f.pte));
  if (Sync::load(stands_for_none) == 0) return false;
  if (Sync::load(*f.pte) != 0) return do_huge_wp_page(f, outcome);
  if (huge_allowed(f) && do_huge_anonymous_page(f, outcome)) return true;
  const PageTableLock held(tables_.lock_of(f.pte));
  outcome = Outcome::hit;
  if (Sync::load(*f.pte) != 0) return true;  // somebody else was faster
  Sync::store(stands_for_none, 0);
  return false;
}

// REQUIRES: the table's lock.
template <class Build> bool BasicMachine<Build>::huge_none(Pte* at) const {
  return Sync::load(tables_.used(tables_.table_of(at))) != 0 && Sync::load(*at) == 0;
}

// False: there is no memory for it, but a small page may be had. HUGE-6
template <class Build>
bool BasicMachine<Build>::do_huge_anonymous_page(Fault& f, Outcome& outcome) {
  Pte* group = group_of(f.pte);
  outcome = Outcome::hit;
  anon_vma_prepare(f.area);
  if (!f.write) {
    const PageTableLock held(tables_.lock_of(f.pte));
    if (!huge_none(f.pte)) return true;
    for (unsigned i = 0; i < kTableEntries; ++i)
      Sync::store(group[i], mk_pte(kZeroPage, f.area.flags) | kSpecial | kHuge);
    outcome = Outcome::zero;
    return true;
  }
  const FolioNo folio = alloc_folio(f.cpu, true);
  if (folio == kNoFolio) return false;
  {
    const PageTableLock held(tables_.lock_of(f.pte));
    if (huge_none(f.pte)) {
      map_folio(f, folio);
      outcome = Outcome::fresh;
      return true;
    }
  }
  free_folio(folio, f.cpu);
  return true;
}

// A folio that nobody else can know gets its entries, dirty also where the area forbids writing.
// REQUIRES: the table's lock.
template <class Build> void BasicMachine<Build>::map_folio(const Fault& f, FolioNo folio) {
  Pte* group = group_of(f.pte);
  const FolioPages& pages = folios_.pages(folio);
  for (const FrameNo page : pages) map_new_anon(page);
  folios_.begin(folio, 1, frames_);
  f.mm.count(Kind::anon, f.cpu, kFolioPages);  // CNT-3
  for (unsigned i = 0; i < kTableEntries; ++i) {
    const Pte e = pte_mkdirty(mk_pte(pages[i], f.area.flags) | kHuge);
    Sync::store(group[i], maybe_mkwrite(e, f.area.flags));
  }
}

// A fault on a huge page. False: it was split, and the fault is the small page's.
template <class Build> bool BasicMachine<Build>::do_huge_wp_page(Fault& f, Outcome& outcome) {
  Pte seen = 0;
  bool copies = false;
  {
    const PageTableLock held(tables_.lock_of(f.pte));
    seen = Sync::load(*f.pte);
    outcome = Outcome::hit;
    if (!is_huge(seen) || (!f.write && !f.unshare)) return true;
    if (f.write && pte_write(seen) && !Build::mutated(M::writable_entry_decides)) return true;
    outcome = Outcome::uffd;
    if (!f.unshare && uffd_wp(f.area.flags, seen) && !Build::mutated(M::uffd_not_delivered))
      return true;  // WP-2
    if (!pte_special(seen) && may_reuse_huge(pte_frame(seen))) {
      outcome = reuse_huge(f);
      return true;
    }
    copies =
        f.write && (pte_special(seen) ? rules_.huge_zero_copies_whole : rules_.huge_copies_whole);
    const Vpn base = f.vpn() / kFolioPages * kFolioPages;
    if (copies) flush_if_pending(f, base, base + kFolioPages);
    if (copies && !pte_special(seen)) frames_.get(pte_frame(seen), 1);
    if (!copies) split_pmd(f.pte);  // this process's alone. HUGE-1
  }
  if (copies) return copy_huge(f, seen, outcome);
  if (Build::mutated(M::huge_copy_splits_all) && !pte_special(seen)) split_everywhere(seen);
  return false;
}

template <class Build> bool BasicMachine<Build>::may_reuse_huge(FrameNo page) const {
  if (Build::mutated(M::huge_reuse_unasked)) return true;
  const FolioCounts all = folios_.counts(folios_.of(page), frames_);
  return huge_reuse(rules_, PageCounts{all.most << kMapcountShift | all.references()},
                    frames_.flags(page));  // HUGE-4
}

// All of it is the process's own. Unsharing leaves the entries alone. REQUIRES: the table's lock.
template <class Build> Outcome BasicMachine<Build>::reuse_huge(Fault& f) {
  Pte* group = group_of(f.pte);
  for (unsigned i = 0; i < kTableEntries; ++i) {
    if (rules_.tracks_exclusive) frames_.set_exclusive(pte_frame(Sync::load(group[i])));
    if (f.unshare) continue;
    change_entry<Sync>(
        group[i], [&](Pte e) { return maybe_mkwrite(pte_mkdirty(pte_mkyoung(e)), f.area.flags); });
  }
  f.cow_done = !f.unshare;
  return f.unshare ? Outcome::ok : Outcome::reused;
}

// A huge page in place of a shared one, whose reference the caller has taken, or of the zero page.
// False: there was no memory for it, and the old one was split.
template <class Build> bool BasicMachine<Build>::copy_huge(Fault& f, Pte seen, Outcome& outcome) {
  const FrameNo old_page = pte_frame(seen);
  const bool from_zero = pte_special(seen);
  anon_vma_prepare(f.area);
  const FolioNo folio = alloc_folio(f.cpu, from_zero);
  bool switched = false, split = false;
  if (folio != kNoFolio && !from_zero) {
    const FolioPages& from = folios_.pages(folios_.of(old_page));
    for (unsigned i = 0; i < kFolioPages; ++i) copy_page(folios_.pages(folio)[i], from[i]);
  }
  {
    const Vpn base = f.vpn() / kFolioPages * kFolioPages;
    const NotifierRange range(*this, f.mm, base, base + kFolioPages);
    const PageTableLock held(tables_.lock_of(f.pte));
    const Pte now = Sync::load(*f.pte);  // the lock was dropped: anybody may have been here. WP-4
    const bool same = is_huge(now) && pte_frame(now) == old_page && !pte_write(now);
    switched = same && folio != kNoFolio;
    split = same && folio == kNoFolio;
    if (switched) switch_huge(f, folio, base);
    if (split) split_pmd(f.pte);
  }
  if (folio != kNoFolio && !switched) free_folio(folio, f.cpu);
  if (!from_zero) put_page(old_page, 1, f.cpu);
  outcome = switched ? Outcome::copied : Outcome::hit;
  return !split;
}

// As switch_page, for all 512. REQUIRES: the table's lock.
template <class Build> void BasicMachine<Build>::switch_huge(Fault& f, FolioNo folio, Vpn base) {
  Pte* group = group_of(f.pte);
  const Pte old = Sync::load(*group);
  for (unsigned i = 0; i < kTableEntries; ++i) Sync::store(group[i], 0);
  flush(f.mm, base, base + kFolioPages);
  map_folio(f, folio);
  f.cow_done = true;
  if (pte_special(old)) return;
  f.mm.uncount(Kind::anon, f.cpu, kFolioPages);
  const FolioNo left = folios_.of(pte_frame(old));
  folios_.remove_pmd(left);
  const FolioPages gone = folios_.pages(left);
  drop_mappings(gone.data(), kFolioPages, f.cpu);
}

// ---- Splitting ----

// The table's entries are small ones from here on. REQUIRES: its lock, and that they are huge.
// Linux: __split_huge_pmd.
template <class Build> void BasicMachine<Build>::split_pmd(Pte* at) {
  Pte* group = group_of(at);
  const Pte marks = huge_marks(group);
  if (!pte_special(*group)) folios_.remove_pmd(folios_.of(pte_frame(*group)));
  for (unsigned i = 0; i < kTableEntries; ++i)
    change_entry<Sync>(group[i], [&](Pte e) { return (e & ~kHuge) | marks; });
  Sync::store(tables_.used(tables_.table_of(group)), 0);
}

// n entries are to change on their own: if they are of a huge page, but not all of it, that is
// split. REQUIRES: the table's lock. HUGE-6
template <class Build> void BasicMachine<Build>::split_partial(Pte* entries, unsigned n) {
  if (n != kTableEntries && is_huge(Sync::load(*entries))) split_pmd(entries);
}

// n entries are about to go, of a huge page all or some. REQUIRES: the table's lock, or that nobody
// else knows the table. Linux: zap_huge_pmd.
template <class Build> void BasicMachine<Build>::unmap_pmd(Pte* entries, unsigned n) {
  split_partial(entries, n);
  const Pte e = Sync::load(*entries);
  if (is_huge(e) && !pte_special(e)) folios_.remove_pmd(folios_.of(pte_frame(e)));
}

// An area's piece becomes another than its neighbours: what it cuts through is split. Linux:
// vma_adjust_trans_huge. HUGE-6
template <class Build>
void BasicMachine<Build>::split_edges(Mm& mm, const MappedRegion& region, std::uint32_t first,
                                      std::uint32_t end) {
  for (const std::uint32_t edge : {first, end}) {
    if (edge % kFolioPages == 0 || Build::mutated(M::huge_split_skipped)) continue;
    Pte* at = tables_.find_entry(mm.root, region.vpn(edge / kFolioPages * kFolioPages));
    if (at == nullptr) continue;
    const PageTableLock held(tables_.lock_of(at));
    split_partial(at, 1);
  }
}

// Where pages become VM_HUGEPAGE and nothing is set, a huge page may come again. REQUIRES: the
// tables are owned.
template <class Build>
void BasicMachine<Build>::forget_empty_tables(Mm& mm, const MappedRegion& region,
                                              std::uint32_t first, std::uint32_t end) {
  tables_.for_each_run(mm.root, region.vpn(first), region.vpn(end), [&](Pte* at, Vpn, unsigned) {
    const PageTableLock held(tables_.lock_of(at));
    const Pte* group = group_of(at);
    const auto is_set = [](const Pte& e) { return Sync::load(e) != 0; };
    if (std::none_of(group, group + kTableEntries, is_set))
      Sync::store(tables_.used(tables_.table_of(at)), 1);
    return true;
  });
}

// Fork: a huge page that would be copied early is copied small page after small page, and so are
// those of which fork does not see all. REQUIRES: the parent's mmap_lock for writing. HUGE-2
template <class Build>
void BasicMachine<Build>::split_early(const Area& area, Pte* src, unsigned n,
                                      const auto& needs_early_copy) {
  const Pte e = Sync::load(*src);
  if (!is_huge(e) || vm_has(area.flags, kVmHugeTlb)) return;
  const PageTableLock held(tables_.lock_of(src));
  const bool early = needs_early_copy(area, pte_frame(e)) && !Build::mutated(M::huge_pinned_shared);
  if (early) split_pmd(src);
  else split_partial(src, n);
}

// Shares a huge page, entry by entry. Linux: copy_huge_pmd.
template <class Build>
void BasicMachine<Build>::copy_huge_pmd(Mm& child, const Area& area, Pte* src, Pte* dst,
                                        unsigned cpu) {
  Counters shared{};
  const Pte stays = vm_has(area.flags, kVmHugeTlb) ? kAccessed : 0;  // of hugetlb memory
  const PageTableLock held(tables_.lock_of(src));
  for (unsigned i = 0; i < kTableEntries; ++i)
    Sync::store(dst[i], copy_present_pte(area, src[i], shared) | (Sync::load(src[i]) & stays));
  if (pte_special(*src)) return;
  folios_.add_pmd(folios_.of(pte_frame(*src)));
  if (!Build::mutated(M::fork_forgets_rss)) child.count(Kind::anon, cpu, kFolioPages);
}

// A mutant's doing: other processes' huge mappings are split as well.
template <class Build> void BasicMachine<Build>::split_everywhere(Pte first) {
  for (std::size_t p = 0; p < processes_.size(); ++p) {
    const Mm& mm = processes_[p];
    if (Sync::load(mm.alive) != kAlive) continue;
    tables_.for_each_run(mm.root, 0, kAddressSpace, [&](Pte* at, Vpn, unsigned) {
      const PageTableLock held(tables_.lock_of(at));
      const Pte e = Sync::load(*at);
      if (is_huge(e) && folios_.of(pte_frame(e)) == folios_.of(pte_frame(first))) split_pmd(at);
      return true;
    });
  }
}

}  // namespace cow::impl

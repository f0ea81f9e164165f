// The implementation's decisions, alone: pure functions of words at their real widths.
//
// Each is a template over its words and its truth values, so that one text is compiled into the
// fault path and proved over all inputs. A symbolic word needs ==, !=, <, >=, &, |, a logical >>
// and a constructor from std::uint64_t; a symbolic truth value needs &&, ||, ! (also with a
// plain bool on the left). There is no ?: and no if, and nothing relies on short circuits.
//
// Packing
//   page counts  64 bits  mapcount in bits 32..63, refcount in bits 0..31
//   page flags    8 bits  kind in bits 0..2 (cow::Kind), exclusive in bit 3
//   page marks   32 bits  dirty, where no entry tells of a write, in bit 30; given up in bit 29
//   area flags   32 bits  Linux's values of VM_READ, VM_WRITE, VM_SHARED, VM_MAYWRITE, …
//   gup flags    32 bits  FOLL_WRITE, FOLL_FORCE, FOLL_PIN, FOLL_LONGTERM, FOLL_COW, …
//   entry        64 bits  impl/pte.h
//   anon_vma      8 bits  0 none, 1 own, 2 inherited
//
// The refcount holds one for each mapping, one for the page cache, one for each get, 1024 a pin.
// mapcount_of, refcount_of, kind_is, page_anon, page_exclusive, page_in_cache, vm_has,
// is_cow_mapping, foll_has and the pte_ predicates of impl/pte.h take the words apart.
#pragma once

#include <cstdint>

#include "cow/rules.h"
#include "cow/view.h"
#include "impl/pte.h"

namespace cow::impl {

// Rules without their name; Bool is bool when run.
template <class Bool> struct RuleBits {
  Bool reuse_needs_mapcount_1;
  Bool reuse_needs_refcount_1;
  Bool tracks_exclusive;
  Bool unshares_before_ro_pin;
  Bool unshares_any_long_pin;
  Bool fork_copies_pinned;
  Bool fork_copies_pinned_file;
  Bool mprotect_restores_write;
  Bool force_accepts_exclusive;
  Bool merges_touched_into_empty;
  Bool swapin_ignores_references;
  Bool reuse_frees_swap_cache;
  Bool swapin_restores_write;
  Bool reclaim_spares_pinned;
  Bool reuses_ksm;
  Bool unmerge_unshares;
  Bool uffd_restores_write;
  Bool migration_keeps_marks;
  Bool huge_reuse_asks_mapcount;
  Bool huge_copies_whole;
  Bool huge_zero_copies_whole;
  Bool reuses_large_folio;
  Bool lazyfree_asks_references;
  Bool collapses;
  Bool discards_hugetlb;
};

// f(answer) in the place of each answer of r, which is a Rules or a RuleBits.
template <class Bool> constexpr RuleBits<Bool> each_rule(const auto& r, auto f) {
  return {
      f(r.reuse_needs_mapcount_1),    f(r.reuse_needs_refcount_1),    f(r.tracks_exclusive),
      f(r.unshares_before_ro_pin),    f(r.unshares_any_long_pin),     f(r.fork_copies_pinned),
      f(r.fork_copies_pinned_file),   f(r.mprotect_restores_write),   f(r.force_accepts_exclusive),
      f(r.merges_touched_into_empty), f(r.swapin_ignores_references), f(r.reuse_frees_swap_cache),
      f(r.swapin_restores_write),     f(r.reclaim_spares_pinned),     f(r.reuses_ksm),
      f(r.unmerge_unshares),          f(r.uffd_restores_write),       f(r.migration_keeps_marks),
      f(r.huge_reuse_asks_mapcount),  f(r.huge_copies_whole),         f(r.huge_zero_copies_whole),
      f(r.reuses_large_folio),        f(r.lazyfree_asks_references),  f(r.collapses),
      f(r.discards_hugetlb)};
}
constexpr RuleBits<bool> rule_bits(const Rules& r) {
  return each_rule<bool>(r, [](bool answer) { return answer; });
}

// ---- Packing ----------------------------------------------------------------------------------

using PageCounts = std::uint64_t;
inline constexpr unsigned kMapcountShift = 32;
inline constexpr PageCounts kRefcountMask = 0xffff'ffff;
inline constexpr PageCounts kOneMapping = (PageCounts{1} << kMapcountShift) | 1;
inline constexpr PageCounts kPinBias = 1024;  // GUP_PIN_COUNTING_BIAS

template <class Word> constexpr auto mapcount_of(Word counts) {
  return counts >> Word(kMapcountShift);
}
template <class Word> constexpr auto refcount_of(Word counts) {
  return counts & Word(kRefcountMask);
}

using PageFlags = std::uint8_t;
inline constexpr PageFlags kKindMask = 7;
inline constexpr PageFlags kExclusive = 8;
// Kinds of anonymous pages besides Kind::anon, within kKindMask.
inline constexpr Kind kKsmPage = Kind::ksm;
inline constexpr Kind kSwapCachePage{6};     // in the swap cache
inline constexpr Kind kKsmSwapCachePage{7};  // both

template <class Word> constexpr auto kind_is(Word flags, Kind kind) {
  return (flags & Word(kKindMask)) == Word(static_cast<std::uint8_t>(kind));
}
template <class Word> constexpr auto page_ksm(Word flags) {
  return kind_is(flags, kKsmPage) || kind_is(flags, kKsmSwapCachePage);
}
template <class Word> constexpr auto page_swap_cache(Word flags) {
  return kind_is(flags, kSwapCachePage) || kind_is(flags, kKsmSwapCachePage);
}
template <class Word> constexpr auto page_anon(Word flags) {
  return kind_is(flags, Kind::anon) || page_ksm(flags) || page_swap_cache(flags);
}
using PageMarks = std::uint32_t;
inline constexpr PageMarks kPageDirty = 1u << 30, kPageGivenUp = 1u << 29;
template <class Word> constexpr auto has_mark(Word marks, PageMarks mark) {
  return (marks & Word(mark)) != Word(0);
}
// What a process counts the page as.
constexpr Kind rss_kind(PageFlags flags) {
  return page_anon(flags) ? Kind::anon : static_cast<Kind>(flags & kKindMask);
}
template <class Word> constexpr auto page_exclusive(Word flags) {
  return (flags & Word(kExclusive)) != Word(0);
}
template <class Word> constexpr auto page_in_cache(Word flags) {
  return kind_is(flags, Kind::file) || kind_is(flags, Kind::shmem);
}

using VmFlags = std::uint32_t;
inline constexpr VmFlags kVmRead = 0x1;
inline constexpr VmFlags kVmWrite = 0x2;
inline constexpr VmFlags kVmShared = 0x8;
inline constexpr VmFlags kVmMayWrite = 0x20;
inline constexpr VmFlags kVmUffdWp = 0x1000;
inline constexpr VmFlags kVmLocked = 0x2000;
inline constexpr VmFlags kVmDontCopy = 0x20000;
inline constexpr VmFlags kVmHugeTlb = 0x0040'0000;
inline constexpr VmFlags kVmWipeOnFork = 0x0200'0000;
inline constexpr VmFlags kVmHugePage = 0x2000'0000;
inline constexpr VmFlags kVmNoHugePage = 0x4000'0000;
inline constexpr VmFlags kVmMergeable = 0x8000'0000;

template <class Word> constexpr auto vm_has(Word area, VmFlags flag) {
  return (area & Word(flag)) != Word(0);
}
// Whether writes are private; VM_WRITE plays no part (SEMANTICS, state model).
template <class Word> constexpr auto is_cow_mapping(Word area) {
  return (area & Word(kVmShared | kVmMayWrite)) == Word(kVmMayWrite);
}

using GupFlags = std::uint32_t;
inline constexpr GupFlags kFollWrite = 0x01;
inline constexpr GupFlags kFollForce = 0x10;
inline constexpr GupFlags kFollPopulate = 0x40;  // fault the page in, and take no reference
inline constexpr GupFlags kFollCow = 0x4000;     // a write fault of this call completed a COW step
inline constexpr GupFlags kFollLongterm = 0x10000;
inline constexpr GupFlags kFollPin = 0x40000;

template <class Word> constexpr auto foll_has(Word gup, GupFlags flag) {
  return (gup & Word(flag)) != Word(0);
}

enum class AnonVma : std::uint8_t { none, own, inherited };

// ---- Decisions --------------------------------------------------------------------------------

// May the program touch this area so? Linux: access_error. WP-5.
template <class Word, class Bool> constexpr auto access_allowed(Word area, Bool write) {
  return (write && vm_has(area, kVmWrite)) || (!write && vm_has(area, kVmRead | kVmWrite));
}

// May a write fault keep an anonymous page? Linux: do_wp_page up to 5.18, then
// wp_can_reuse_anon_folio. REUSE-1, REUSE-2, REUSE-4.
// `swapcount`: entries that name the swap slot of a page in the swap cache.
template <class Bool, class Counts, class Flags>
constexpr auto wp_can_reuse(const RuleBits<Bool>& rules, Counts counts, Flags flags,
                            Counts swapcount) {
  const auto refs = refcount_of(counts);
  const auto cached = page_swap_cache(flags);
  return page_anon(flags) &&
         ((rules.tracks_exclusive && page_exclusive(flags)) ||
          ((!page_ksm(flags) || (rules.reuses_ksm && !cached && refs == Counts(1))) &&
           (!cached || (rules.reuse_frees_swap_cache && swapcount == Counts(0))) &&
           (!rules.reuse_needs_mapcount_1 || mapcount_of(counts) == Counts(1)) &&
           (!rules.reuse_needs_refcount_1 || (cached && refs == Counts(2)) ||
            (!cached && refs == Counts(1)))));
}

// May a write fault keep a huge page? `counts` are the folio's: the most entries of one of its
// pages, and its references, a PMD mapping being one. `flags` are the page's that is written.
// Linux: do_huge_pmd_wp_page. HUGE-4.
template <class Bool, class Counts, class Flags>
constexpr auto huge_reuse(const RuleBits<Bool>& rules, Counts counts, Flags flags) {
  return (rules.tracks_exclusive && page_exclusive(flags)) ||
         (rules.huge_reuse_asks_mapcount && mapcount_of(counts) == Counts(1)) ||
         (!rules.huge_reuse_asks_mapcount && refcount_of(counts) == Counts(1));
}

// What is asked, in place of a page's own counts, of a page of a large folio that entries map one
// by one: the folio's references; of mappings its own, or up to 5.8 the most that one of its pages
// has. Linux: page_trans_huge_mapcount, page_count of the head. HUGE-5.
template <class Bool> constexpr auto asks_most_mapped(const RuleBits<Bool>& rules) {
  return rules.reuse_needs_mapcount_1 && !rules.reuse_needs_refcount_1;
}

// May a write fault keep it by those counts? Where the folio is asked for as a whole, they do not
// say: a folio of which one entry is left is given up. HUGE-5.
template <class Bool, class Counts, class Flags>
constexpr auto large_page_reuse(const RuleBits<Bool>& rules, Counts counts, Flags flags) {
  return (rules.tracks_exclusive && page_exclusive(flags)) ||
         (!rules.reuses_large_folio && wp_can_reuse(rules, counts, flags, Counts(0)));
}

// May a write fault keep a page of a large folio, because all that maps the folio is the one
// process, and nothing else holds it? `mappings` of all, `own` of the process's. Linux:
// wp_can_reuse_anon_folio, __wp_can_reuse_large_anon_folio. HUGE-5.
template <class Bool, class Counts>
constexpr auto large_folio_reuse(const RuleBits<Bool>& rules, Counts mappings, Counts own,
                                 Counts references) {
  return rules.reuses_large_folio && mappings >= Counts(2) && own == mappings &&
         references == mappings;
}

// May a write keep the page that it swaps in, whoever holds references? Both counts are from before
// the fault. Linux: do_swap_page up to 5.17, reuse_swap_page. SWAP-5.
template <class Bool, class Counts, class Flags>
constexpr auto reuse_swap_page(const RuleBits<Bool>& rules, Counts counts, Flags flags,
                               Counts swapcount) {
  return rules.swapin_ignores_references && !page_ksm(flags) && mapcount_of(counts) == Counts(0) &&
         swapcount == Counts(1);
}

// May reclaim not take the page? Linux: shrink_page_list. SWAP-1.
template <class Bool, class Counts, class Flags>
constexpr auto reclaim_spares(const RuleBits<Bool>& rules, Counts counts, Flags flags) {
  return page_ksm(flags) ||
         (rules.reclaim_spares_pinned && refcount_of(counts) >= Counts(kPinBias));
}

// MADV_FREE: may only the one process that maps the page give it up, as its bytes are elsewhere
// too, or are to be written there? Linux: madvise_free_pte_range. ADV-4.
template <class Marks, class Flags> constexpr auto needs_only_mapper(Marks marks, Flags flags) {
  return has_mark(marks, kPageDirty) || page_swap_cache(flags);
}

// Reclaim of a page that was given up: has it been written since, as its entry or it itself says?
// Linux: try_to_unmap_one. SWAP-6.
template <class Word, class Marks> constexpr auto written_since(Word entry, Marks marks) {
  return pte_dirty(entry) || has_mark(marks, kPageDirty);
}

// Is a page held by nobody but those that map it and the caches? `others` are the references that
// the caches hold. Linux: expected_page_refs in migration, write_protect_page in KSM. MIG-1, KSM-1.
template <class Counts> constexpr auto only_mapped(Counts counts, Counts others) {
  return refcount_of(counts) == mapcount_of(counts) + others;
}

// Does a page that was given up stay as somebody holds it? Linux: try_to_unmap_one. SWAP-6.
template <class Bool, class Counts>
constexpr auto stays_for_holders(const RuleBits<Bool>& rules, Counts counts) {
  return rules.lazyfree_asks_references && !only_mapped(counts, Counts(0));
}

// Is the entry one whose writes userfaultfd wants? WP-2.
template <class Area, class Word> constexpr auto uffd_wp(Area area, Word entry) {
  return vm_has(area, kVmUffdWp) && pte_uffd_wp(entry);
}

// Has fork to look at an area's entries at all? Linux: copy_page_range, vma_needs_copy.
// FORK-3, FORK-5.
template <class Area, class Word> constexpr auto vma_needs_copy(Area area, Word anon_vma) {
  return !vm_has(area, kVmDontCopy | kVmWipeOnFork) &&
         anon_vma != Word(static_cast<std::uint8_t>(AnonVma::none));
}

// Does fork give the child a copy at once? Linux: page_needs_cow_for_dma. PIN-1, PIN-5.
template <class Bool, class Marked, class Area, class Counts, class Flags>
constexpr auto page_needs_cow_for_dma(const RuleBits<Bool>& rules, Marked has_pinned, Area area,
                                      Counts counts, Flags flags) {
  return rules.fork_copies_pinned && has_pinned && is_cow_mapping(area) &&
         refcount_of(counts) >= Counts(kPinBias) &&
         ((page_anon(flags) && (!rules.tracks_exclusive || page_exclusive(flags))) ||
          (rules.fork_copies_pinned_file && page_in_cache(flags)));
}

// Does fork write-protect the entry that it shares? Linux: copy_present_pte. FORK-2.
template <class Area, class Word> constexpr auto fork_wrprotects(Area area, Word entry) {
  return is_cow_mapping(area) && pte_write(entry);
}

// May GUP enter the area? Linux: check_vma_flags.
template <class Area, class Word> constexpr auto gup_area_allowed(Area area, Word gup) {
  return (foll_has(gup, kFollWrite) &&
          (vm_has(area, kVmWrite) || (foll_has(gup, kFollForce) && is_cow_mapping(area)))) ||
         (!foll_has(gup, kFollWrite) &&
          (vm_has(area, kVmRead | kVmWrite) || foll_has(gup, kFollForce)));
}

// May GUP for writing take this present entry? Linux: can_follow_write_pte. PIN-4.
template <class Bool, class Area, class Word, class Entry, class Flags>
constexpr auto can_follow_write_pte(const RuleBits<Bool>& rules, Area area, Word gup, Entry entry,
                                    Flags flags) {
  return pte_write(entry) ||
         (foll_has(gup, kFollForce) && is_cow_mapping(area) && !vm_has(area, kVmWrite) &&
          ((!rules.force_accepts_exclusive && foll_has(gup, kFollCow) && pte_dirty(entry)) ||
           (rules.force_accepts_exclusive && page_anon(flags) && page_exclusive(flags) &&
            pte_soft_dirty(entry) && !uffd_wp(area, entry))));
}

// Must GUP unshare the page before it takes it? Linux: gup_must_unshare. PIN-3.
template <class Bool, class Area, class Word, class Flags>
constexpr auto gup_must_unshare(const RuleBits<Bool>& rules, Area area, Word gup, Flags flags) {
  return !foll_has(gup, kFollWrite) && foll_has(gup, kFollPin) &&
         ((rules.unshares_before_ro_pin && page_anon(flags) && !page_exclusive(flags)) ||
          (rules.unshares_any_long_pin && foll_has(gup, kFollLongterm) && is_cow_mapping(area) &&
           !page_anon(flags)));
}

// Does mprotect that gives write make this present entry writable at once? `area` is as it is
// afterwards. Linux: can_change_pte_writable; shared: vma_wants_writenotify. EXIT-4.
template <class Bool, class Area, class Entry, class Flags>
constexpr auto can_change_pte_writable(const RuleBits<Bool>& rules, Area area, Entry entry,
                                       Flags flags) {
  return vm_has(area, kVmWrite) &&
         ((is_cow_mapping(area) &&
           (pte_write(entry) ||
            (rules.mprotect_restores_write && page_anon(flags) && page_exclusive(flags) &&
             pte_soft_dirty(entry) && !uffd_wp(area, entry)))) ||
          (vm_has(area, kVmShared) && (kind_is(flags, Kind::shmem) || pte_dirty(entry))));
}

// Does populating make entries writable, so that no write faults later? Linux:
// populate_vma_page_range. LOCK-1.
template <class Word> constexpr auto populates_for_writing(Word area) {
  return (area & Word(kVmWrite | kVmShared)) == Word(kVmWrite);
}

// Does mprotect populate what it has made writable? Linux: mprotect_fixup. LOCK-1.
template <class Word> constexpr auto mprotect_populates(Word old, Word area) {
  return (old & Word(kVmWrite | kVmShared | kVmLocked)) == Word(kVmLocked) &&
         vm_has(area, kVmWrite);
}

// May a changed piece of an area merge into a neighbour of equal flags? Linux:
// is_mergeable_anon_vma; SEMANTICS 1.4a.
template <class Bool, class Word>
constexpr auto anon_vmas_mergeable(const RuleBits<Bool>& rules, Word piece, Word neighbour) {
  const Word none(static_cast<std::uint8_t>(AnonVma::none));
  const Word own(static_cast<std::uint8_t>(AnonVma::own));
  return piece == neighbour || (piece == none && neighbour == own) ||
         (rules.merges_touched_into_empty && piece == own && neighbour == none);
}

// May both neighbours become one area across the piece?
template <class Word> constexpr auto neighbours_mergeable(Word before, Word after) {
  const Word none(static_cast<std::uint8_t>(AnonVma::none));
  return before == after || before == none || after == none;
}

}  // namespace cow::impl

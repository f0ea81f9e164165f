// Wrong variants of the specification, each one small change at the line that names it. None of
// them exists in Concrete: there L::mutated is the constant false.
#pragma once

namespace cow::spec {

enum class Mutant {
  none,
  parent_stays_writable,    // FORK-2, ALONE-1, ISO-1, FORK-1: fork does not write-protect the
                            // parent's entry
  child_stays_writable,     // FORK-2: fork does not write-protect the child's entry
  early_copy_skipped,       // PIN-1, COH-1: fork shares a maybe-pinned page
  exclusive_survives_fork,  // PIN-3: sharing does not clear PG_anon_exclusive
  copies_every_area,        // FORK-5, VMA-1: fork copies areas without an anon_vma
  mapcount_ignored,         // REUSE-1: reuse does not ask for mapcount
  refcount_ignored,         // REUSE-1, ISO-1: reuse does not ask for refcount
  file_page_reused,         // REUSE-2: a private mapping reuses the page cache's page
  zero_page_reused,         // ZERO-2: a write fault makes the zero page writable
  reuse_always_writes,      // REUSE-3, WP-5: reuse gives write where the area has none
  copy_stays_clean,         // COPY-3: the copied entry is not dirty
  copy_without_contents,    // COPY-1, IDEAL-1: the new page stays zeroed
  recheck_skipped,          // WP-4: the switch does not compare the entry again
  mapcount_kept,            // CNT-1, EXIT-2, COPY-2: the copy keeps the old page's mapcount
  rss_forgotten,            // CNT-4: copying a file page leaves rss alone
  temp_reference_skipped,   // COPY-1: the old page is not held while it is copied
  cow_fault_maps_cache,   // FILE-2, FILE-1, INT-1: a first private write maps the page cache's page
  freed_while_pinned,     // CNT-2, FREED-1: freeing looks at mappings and gets only
  unshare_skipped,        // PIN-3, COH-2: a read-only pin takes a page that is not exclusive
  ro_entry_pinned_rw,     // PIN-4, PIN-6: a writable reference accepts a read-only entry
  mprotect_gives_write,   // EXIT-4, PROT-2: protect rw makes private entries writable at once
  zap_keeps_entry,        // EXIT-1, ADV-1: zap drops the counts and leaves the entry
  oom_leaks_page,         // ERR-2: a failed copy keeps its temporary reference
  has_pinned_forgotten,   // PIN-5: pinning does not mark the mm
  move_gives_write,       // MOVE-1: a moved entry is writable
  move_keeps_entry,       // MOVE-1: the old place keeps its entry
  lock_inherited,         // FORK-4: the child's areas are locked where the parent's are
  lock_reads,             // LOCK-1: mlock does not break copy-on-write
  swap_in_ignores_count,  // SWAP-5: a write keeps what other entries have swapped out too
  swap_in_without_data,   // SWAP-2: the page that is swapped in stays zeroed
  swap_cache_page_reused,      // SWAP-3: reuse does not ask which entries are swapped out
  fork_keeps_exclusive,        // SWAP-4: a swap entry that fork copies stays exclusive
  exclusive_while_away,        // SWAP-4: the page keeps PG_anon_exclusive while it is swapped out
  swapcount_forgotten,         // CNT-5: fork does not count the child's swap entry
  reclaim_takes_pinned,        // SWAP-1: what is pinned is swapped out
  ksm_reused,                  // KSM-2: what is reused stays a merged page
  ksm_stays_writable,          // KSM-2: merging does not write-protect the entry
  ksm_takes_held,              // KSM-1: a page that somebody holds is merged
  held_page_migrates,          // MIG-1: a page that somebody holds is migrated
  uffd_ignored,                // WP-2: a write fault does not ask for userfaultfd's mark
  uffd_lift_writes,            // UFFD-1: lifting the mark makes any entry writable
  huge_entry_stays,            // HUGE-6: the upper entry is there when what it mapped is gone
  split_without_table,         // HUGE-1: a split leaves no table
  huge_always_writes,          // REUSE-3: a new huge page may be written where its area may not
  huge_over_table,             // HUGE-6: a huge page is made where small ones are
  huge_copy_without_contents,  // HUGE-1: the new huge page stays zeroed
  huge_mapcount_ignored,       // HUGE-4: a huge page that others map is kept
  huge_refcount_ignored,       // HUGE-4: one that others refer to is kept
  huge_pinned_stays,           // HUGE-2: fork does not split what may be pinned
  huge_move_keeps_entry,       // HUGE-6: a huge page that moves leaves its upper entry
  large_maps_ignored,          // HUGE-5: a large folio that others map is kept
  large_holders_ignored,       // HUGE-5: one that others refer to is kept
  large_mapcount_ignored,      // HUGE-5: one of which others map a page is kept
  last_proved = large_mapcount_ignored,  // those below are of what no proof speaks of
  hugetlb_cleared,           // HUGE-8: clearing soft-dirty write-protects hugetlb memory
  hugetlb_mapcount_ignored,  // HUGE-9: a hugetlb page that others map is kept
  hugetlb_unreserved,        // HUGE-10: nothing is set aside
  hugetlb_owner_fails,       // HUGE-3: an owner without a page takes none from others
  hugetlb_loss_forgotten,    // HUGE-3: zeros come where a page was lost
  last = hugetlb_loss_forgotten
};

}  // namespace cow::spec

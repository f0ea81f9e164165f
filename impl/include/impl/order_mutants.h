// The implementation's wrong variants that break an order: a step is dropped, or comes at another
// time.
#pragma once

#include "impl/mutant.h"

namespace cow::impl {

// Each swaps, drops or moves one ordering and nothing else. The explorer of interleavings kills
// them.
struct OrderMutantInfo : MutantInfo {
  std::string_view trace;  // of tests/litmus, in which it shows
};

inline constexpr std::array kOrderMutants = {
    OrderMutantInfo{{Mutant::new_entry_before_flush, "new_entry_before_flush",
                     "a copy's entry is set before the old translation is flushed", "ORD-1"},
                    "order-new-entry-before-flush"},
    OrderMutantInfo{{Mutant::flush_skipped_on_copy, "flush_skipped_on_copy",
                     "a copy does not flush the old translation", "ORD-1"},
                    "order-count-dropped-before-switch"},
    OrderMutantInfo{{Mutant::mapcount_dropped_before_switch, "mapcount_dropped_before_switch",
                     "a copy leaves the old page before it has switched", "ORD-2"},
                    "order-count-dropped-before-switch"},
    OrderMutantInfo{{Mutant::contents_after_entry, "contents_after_entry",
                     "a copy's bytes come after its entry", "ORD-3"},
                    "order-contents-before-entry"},
    OrderMutantInfo{{Mutant::recheck_skipped, "recheck_skipped",
                     "a copy does not look whether its entry is still the same", "WP-4"},
                    "order-recheck"},
    OrderMutantInfo{{Mutant::fork_flush_skipped, "fork_flush_skipped",
                     "fork does not flush the parent's translations", "ORD-4"},
                    "order-fork-flush"},
    OrderMutantInfo{{Mutant::fork_flush_after_unlock, "fork_flush_after_unlock",
                     "fork flushes after it has let others go on", "ORD-4"},
                    "order-fork-flush-late"},
    OrderMutantInfo{{Mutant::fork_without_mmap_lock, "fork_without_mmap_lock",
                     "fork holds the address space as a fault does", "FORK-10"},
                    "order-fork-excludes-faults"},
    OrderMutantInfo{{Mutant::fork_sequence_not_written, "fork_sequence_not_written",
                     "fork does not say that it write-protects", "PIN-2"},
                    "order-gup-fast-against-fork"},
    OrderMutantInfo{{Mutant::fork_sequence_unread, "fork_sequence_unread",
                     "a fast pin does not ask whether a fork was under way", "PIN-2"},
                    "order-gup-fast-against-fork"},
    OrderMutantInfo{{Mutant::fork_resume_skips_entry, "fork_resume_skips_entry",
                     "fork goes on one entry too far after it has let go of a table", "FORK-9"},
                    "order-fork-resumes"},
    OrderMutantInfo{{Mutant::zap_frees_before_flush, "zap_frees_before_flush",
                     "unmapped pages are freed before they are flushed", "ORD-5"},
                    "order-zap-before-flush"},
    OrderMutantInfo{{Mutant::notifier_skipped, "notifier_skipped",
                     "secondary MMUs are not told of a change", "ORD-1"},
                    "order-notifier"},
    OrderMutantInfo{{Mutant::move_flush_skipped, "move_flush_skipped",
                     "mremap does not flush what it has moved", "ORD-6"},
                    "order-move-before-flush"},
    OrderMutantInfo{{Mutant::pending_flush_ignored, "pending_flush_ignored",
                     "a write fault does not flush what another thread still has to", "WP-3"},
                    "order-uffd-flush"},
    OrderMutantInfo{{Mutant::fork_keeps_migrating_write, "fork_keeps_migrating_write",
                     "fork leaves a writable migration entry writable in the parent", "FORK-7"},
                    "order-fork-meets-migration"},
    OrderMutantInfo{
        {Mutant::swapin_unserialized, "swapin_unserialized",
         "a swap-in reads its slot before it holds the lock, and asks the entry alone", "SWAP-2"},
        "order-swap-in-twice"},
    OrderMutantInfo{{Mutant::reclaim_looks_once, "reclaim_looks_once",
                     "reclaim does not ask again for pins once the entries are gone", "SWAP-1"},
                    "order-pin-against-reclaim"},
    OrderMutantInfo{{Mutant::ksm_looks_once, "ksm_looks_once",
                     "KSM does not ask again who holds a page once its entry is gone", "KSM-1"},
                    "order-ro-pin-against-ksm"},
    OrderMutantInfo{
        {Mutant::ksm_trusts_read_only, "ksm_trusts_read_only",
         "KSM does not flush a read-only entry; mprotect flushes after it lets go", "KSM-2"},
        "order-ksm-meets-a-write"},
    OrderMutantInfo{
        {Mutant::ksm_reuse_unfrozen, "ksm_reuse_unfrozen",
         "a KSM page is reused by a look at its references before it holds the lock", "KSM-2"},
        "order-ksm-page-reused"},
    OrderMutantInfo{
        {Mutant::migration_looks_once, "migration_looks_once",
         "migration does not ask again who holds a page once its entries are gone", "MIG-1"},
        "order-ro-pin-against-migration"},
    OrderMutantInfo{
        {Mutant::migration_trusts_none, "migration_trusts_none",
         "migration does not flush what no access is allowed to; mprotect flushes late", "MIG-2"},
        "order-protect-none-meets-migration"},
};

}  // namespace cow::impl

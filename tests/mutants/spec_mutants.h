// The specification's mutants, by name and by the clause that each breaks.
#pragma once

#include <array>
#include <string_view>

#include "spec/mutants.h"

namespace cow::mutants {

struct SpecMutant {
  spec::Mutant mutant;
  std::string_view name, clause;
};

using M = spec::Mutant;
inline constexpr std::array kSpecMutants = {
    SpecMutant{M::parent_stays_writable, "parent_stays_writable", "FORK-2"},
    SpecMutant{M::child_stays_writable, "child_stays_writable", "FORK-2"},
    SpecMutant{M::early_copy_skipped, "early_copy_skipped", "PIN-1"},
    SpecMutant{M::exclusive_survives_fork, "exclusive_survives_fork", "PIN-3"},
    SpecMutant{M::copies_every_area, "copies_every_area", "FORK-5"},
    SpecMutant{M::mapcount_ignored, "mapcount_ignored", "REUSE-1"},
    SpecMutant{M::refcount_ignored, "refcount_ignored", "REUSE-1"},
    SpecMutant{M::file_page_reused, "file_page_reused", "REUSE-2"},
    SpecMutant{M::zero_page_reused, "zero_page_reused", "ZERO-2"},
    SpecMutant{M::reuse_always_writes, "reuse_always_writes", "REUSE-3"},
    SpecMutant{M::copy_stays_clean, "copy_stays_clean", "COPY-3"},
    SpecMutant{M::copy_without_contents, "copy_without_contents", "COPY-1"},
    SpecMutant{M::recheck_skipped, "recheck_skipped", "WP-4"},
    SpecMutant{M::mapcount_kept, "mapcount_kept", "CNT-1"},
    SpecMutant{M::rss_forgotten, "rss_forgotten", "CNT-4"},
    SpecMutant{M::temp_reference_skipped, "temp_reference_skipped", "COPY-1"},
    SpecMutant{M::cow_fault_maps_cache, "cow_fault_maps_cache", "FILE-2"},
    SpecMutant{M::freed_while_pinned, "freed_while_pinned", "CNT-2"},
    SpecMutant{M::unshare_skipped, "unshare_skipped", "PIN-3"},
    SpecMutant{M::ro_entry_pinned_rw, "ro_entry_pinned_rw", "PIN-4"},
    SpecMutant{M::mprotect_gives_write, "mprotect_gives_write", "EXIT-4"},
    SpecMutant{M::zap_keeps_entry, "zap_keeps_entry", "EXIT-1"},
    SpecMutant{M::oom_leaks_page, "oom_leaks_page", "ERR-2"},
    SpecMutant{M::has_pinned_forgotten, "has_pinned_forgotten", "PIN-5"},
    SpecMutant{M::move_gives_write, "move_gives_write", "MOVE-1"},
    SpecMutant{M::move_keeps_entry, "move_keeps_entry", "MOVE-1"},
    SpecMutant{M::lock_inherited, "lock_inherited", "FORK-4"},
    SpecMutant{M::lock_reads, "lock_reads", "LOCK-1"},
    SpecMutant{M::swap_in_ignores_count, "swap_in_ignores_count", "SWAP-5"},
    SpecMutant{M::swap_in_without_data, "swap_in_without_data", "SWAP-2"},
    SpecMutant{M::swap_cache_page_reused, "swap_cache_page_reused", "SWAP-3"},
    SpecMutant{M::fork_keeps_exclusive, "fork_keeps_exclusive", "SWAP-4"},
    SpecMutant{M::exclusive_while_away, "exclusive_while_away", "SWAP-4"},
    SpecMutant{M::swapcount_forgotten, "swapcount_forgotten", "CNT-5"},
    SpecMutant{M::reclaim_takes_pinned, "reclaim_takes_pinned", "SWAP-1"},
    SpecMutant{M::ksm_reused, "ksm_reused", "KSM-2"},
    SpecMutant{M::ksm_stays_writable, "ksm_stays_writable", "KSM-2"},
    SpecMutant{M::ksm_takes_held, "ksm_takes_held", "KSM-1"},
    SpecMutant{M::held_page_migrates, "held_page_migrates", "MIG-1"},
    SpecMutant{M::uffd_ignored, "uffd_ignored", "WP-2"},
    SpecMutant{M::uffd_lift_writes, "uffd_lift_writes", "UFFD-1"},
    SpecMutant{M::huge_entry_stays, "huge_entry_stays", "HUGE-6"},
    SpecMutant{M::split_without_table, "split_without_table", "HUGE-1"},
    SpecMutant{M::huge_always_writes, "huge_always_writes", "REUSE-3"},
    SpecMutant{M::huge_over_table, "huge_over_table", "HUGE-6"},
    SpecMutant{M::huge_copy_without_contents, "huge_copy_without_contents", "HUGE-1"},
    SpecMutant{M::huge_mapcount_ignored, "huge_mapcount_ignored", "HUGE-4"},
    SpecMutant{M::huge_refcount_ignored, "huge_refcount_ignored", "HUGE-4"},
    SpecMutant{M::huge_pinned_stays, "huge_pinned_stays", "HUGE-2"},
    SpecMutant{M::huge_move_keeps_entry, "huge_move_keeps_entry", "HUGE-6"},
    SpecMutant{M::large_maps_ignored, "large_maps_ignored", "HUGE-5"},
    SpecMutant{M::large_holders_ignored, "large_holders_ignored", "HUGE-5"},
    SpecMutant{M::large_mapcount_ignored, "large_mapcount_ignored", "HUGE-5"},
    SpecMutant{M::hugetlb_cleared, "hugetlb_cleared", "HUGE-8"},
    SpecMutant{M::hugetlb_mapcount_ignored, "hugetlb_mapcount_ignored", "HUGE-9"},
    SpecMutant{M::hugetlb_unreserved, "hugetlb_unreserved", "HUGE-10"},
    SpecMutant{M::hugetlb_owner_fails, "hugetlb_owner_fails", "HUGE-3"},
    SpecMutant{M::hugetlb_loss_forgotten, "hugetlb_loss_forgotten", "HUGE-3"},
};
static_assert(kSpecMutants.size() == static_cast<std::size_t>(spec::Mutant::last),
              "every mutant of the specification is in this table");

}  // namespace cow::mutants

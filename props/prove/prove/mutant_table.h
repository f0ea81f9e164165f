// Where each wrong variant of the specification must be refuted: a rule set in which it matters,
// the step that it changes.
#pragma once

#include <array>
#include <string_view>

#include "spec/mutants.h"

namespace cow::prove {

struct RefutedAt {
  spec::Mutant mutant;
  std::string_view name, rule, step;
};

using enum spec::Mutant;
inline constexpr std::array kRefutedAt = {
    RefutedAt{parent_stays_writable, "parent_stays_writable", "5.14", "fork"},
    RefutedAt{child_stays_writable, "child_stays_writable", "5.14", "fork"},
    RefutedAt{early_copy_skipped, "early_copy_skipped", "5.14", "fork"},
    RefutedAt{exclusive_survives_fork, "exclusive_survives_fork", "5.19", "fork"},
    RefutedAt{copies_every_area, "copies_every_area", "5.14", "fork"},
    RefutedAt{mapcount_ignored, "mapcount_ignored", "5.7", "write"},
    RefutedAt{refcount_ignored, "refcount_ignored", "5.14", "write"},
    RefutedAt{file_page_reused, "file_page_reused", "5.14", "write"},
    RefutedAt{zero_page_reused, "zero_page_reused", "5.14", "write"},
    RefutedAt{reuse_always_writes, "reuse_always_writes", "5.14", "force_write"},
    RefutedAt{copy_stays_clean, "copy_stays_clean", "5.14", "copy_switch"},
    RefutedAt{copy_without_contents, "copy_without_contents", "5.14", "copy_contents"},
    RefutedAt{recheck_skipped, "recheck_skipped", "5.14", "copy_switch"},
    RefutedAt{mapcount_kept, "mapcount_kept", "5.14", "copy_switch"},
    RefutedAt{rss_forgotten, "rss_forgotten", "5.14", "copy_switch"},
    RefutedAt{temp_reference_skipped, "temp_reference_skipped", "5.14", "write"},
    RefutedAt{cow_fault_maps_cache, "cow_fault_maps_cache", "5.14", "write"},
    RefutedAt{freed_while_pinned, "freed_while_pinned", "5.14", "dontneed"},
    RefutedAt{unshare_skipped, "unshare_skipped", "5.19", "pin_ro"},
    RefutedAt{ro_entry_pinned_rw, "ro_entry_pinned_rw", "5.14", "pin_rw"},
    RefutedAt{mprotect_gives_write, "mprotect_gives_write", "5.14", "protect"},
    RefutedAt{zap_keeps_entry, "zap_keeps_entry", "5.14", "dontneed"},
    RefutedAt{oom_leaks_page, "oom_leaks_page", "5.14", "copy_contents"},
    RefutedAt{has_pinned_forgotten, "has_pinned_forgotten", "5.14", "pin_rw"},
    RefutedAt{move_gives_write, "move_gives_write", "5.14", "remap"},
    RefutedAt{move_keeps_entry, "move_keeps_entry", "5.14", "remap"},
    RefutedAt{lock_inherited, "lock_inherited", "5.14", "dup_vma"},
    RefutedAt{lock_reads, "lock_reads", "5.14", "populate"},
    RefutedAt{swap_in_ignores_count, "swap_in_ignores_count", "5.14", "write"},
    RefutedAt{swap_in_without_data, "swap_in_without_data", "5.14", "read"},
    RefutedAt{swap_cache_page_reused, "swap_cache_page_reused", "5.18", "write"},
    RefutedAt{fork_keeps_exclusive, "fork_keeps_exclusive", "5.19", "fork"},
    RefutedAt{exclusive_while_away, "exclusive_while_away", "5.19", "swap_out"},
    RefutedAt{swapcount_forgotten, "swapcount_forgotten", "5.14", "fork"},
    RefutedAt{reclaim_takes_pinned, "reclaim_takes_pinned", "5.19", "swap_out"},
    RefutedAt{ksm_reused, "ksm_reused", "5.7", "write"},
    RefutedAt{ksm_stays_writable, "ksm_stays_writable", "5.14", "ksm_stable"},
    RefutedAt{ksm_takes_held, "ksm_takes_held", "5.19", "ksm_merge"},
    RefutedAt{held_page_migrates, "held_page_migrates", "5.14", "migrate"},
    RefutedAt{uffd_ignored, "uffd_ignored", "5.14", "write"},
    RefutedAt{uffd_lift_writes, "uffd_lift_writes", "6.15", "uffd_lift"},
    RefutedAt{huge_entry_stays, "huge_entry_stays", "5.14", "huge_unmap"},
    RefutedAt{split_without_table, "split_without_table", "5.14", "huge_split"},
    RefutedAt{huge_always_writes, "huge_always_writes", "5.14", "huge_force_write"},
    RefutedAt{huge_over_table, "huge_over_table", "5.14", "huge_write"},
    RefutedAt{huge_copy_without_contents, "huge_copy_without_contents", "5.7", "huge_write"},
    RefutedAt{huge_mapcount_ignored, "huge_mapcount_ignored", "5.7", "huge_write"},
    RefutedAt{huge_refcount_ignored, "huge_refcount_ignored", "5.18", "huge_write"},
    RefutedAt{huge_pinned_stays, "huge_pinned_stays", "5.19", "huge_fork"},
    RefutedAt{huge_move_keeps_entry, "huge_move_keeps_entry", "5.14", "huge_remap"},
    RefutedAt{large_maps_ignored, "large_maps_ignored", "6.15", "write"},
    RefutedAt{large_holders_ignored, "large_holders_ignored", "6.15", "write"},
    RefutedAt{large_mapcount_ignored, "large_mapcount_ignored", "5.7", "write"},
};
// A variant that is not in the table would never be asked for.
static_assert(kRefutedAt.size() == static_cast<std::size_t>(spec::Mutant::last_proved));

}  // namespace cow::prove

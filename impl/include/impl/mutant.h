// The implementation's wrong variants, each one change at its deciding line. They cost the shipped
// build nothing: `Shipped::mutated` is constant. A test build supplies a Build of its own and
// instantiates the bodies in impl/detail/bodies.h.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cow::impl {

enum class Mutant : std::uint8_t {
  parent_stays_writable,
  child_stays_writable,
  child_entry_young,
  exclusive_kept_at_fork,
  early_copy_skipped,
  early_copy_protects_parent,
  untouched_area_copied,
  wipeonfork_copied,
  dontfork_copied,
  fork_forgets_rss,
  failed_fork_keeps_child,
  mapcount_ignored,
  refcount_ignored,
  reuse_unasked,
  file_page_reused,
  reuse_ignores_area,
  exclusive_never_set,
  contents_not_copied,
  mapcount_kept_on_copy,
  copied_entry_clean,
  copy_keeps_file_rss,
  zero_page_writable,
  zero_page_counted,
  anon_vma_not_made,
  cache_page_for_private_write,
  shared_write_copies,
  oom_leaks_frame,
  freed_while_referenced,
  dontneed_leaves_entry,
  unmap_keeps_rss,
  protect_gives_write,
  protect_keeps_write,
  has_pinned_not_set,
  has_pinned_inherited,
  pin_counts_as_get,
  unshare_skipped,
  force_unchecked,
};

struct MutantInfo {
  Mutant mutant;
  std::string_view name;    // the enumerator
  std::string_view what;    // one line
  std::string_view clause;  // what it breaks
};

inline constexpr std::array kMutants = {
    MutantInfo{Mutant::parent_stays_writable, "parent_stays_writable",
               "fork leaves the parent's entry writable", "FORK-2"},
    MutantInfo{Mutant::child_stays_writable, "child_stays_writable",
               "fork gives the child a writable entry", "FORK-2"},
    MutantInfo{Mutant::child_entry_young, "child_entry_young",
               "the child's shared entry stays young", "FORK-6"},
    MutantInfo{Mutant::exclusive_kept_at_fork, "exclusive_kept_at_fork",
               "a page shared by fork stays exclusive", "REUSE-4"},
    MutantInfo{Mutant::early_copy_skipped, "early_copy_skipped", "fork shares a maybe-pinned page",
               "PIN-1"},
    MutantInfo{Mutant::early_copy_protects_parent, "early_copy_protects_parent",
               "early copy write-protects the parent", "PIN-1"},
    MutantInfo{Mutant::untouched_area_copied, "untouched_area_copied",
               "fork copies an area without anon_vma", "FORK-5"},
    MutantInfo{Mutant::wipeonfork_copied, "wipeonfork_copied",
               "fork copies a wipeonfork area's entries", "FORK-3"},
    MutantInfo{Mutant::dontfork_copied, "dontfork_copied", "a dontfork area exists in the child",
               "FORK-3"},
    MutantInfo{Mutant::fork_forgets_rss, "fork_forgets_rss",
               "the child's shared entries are not in its rss", "CNT-3"},
    MutantInfo{Mutant::failed_fork_keeps_child, "failed_fork_keeps_child",
               "a failed fork keeps what it has copied", "ERR-1"},
    MutantInfo{Mutant::mapcount_ignored, "mapcount_ignored", "reuse does not ask for mapcount 1",
               "REUSE-4"},
    MutantInfo{Mutant::refcount_ignored, "refcount_ignored", "reuse does not ask for refcount 1",
               "REUSE-1"},
    MutantInfo{Mutant::reuse_unasked, "reuse_unasked", "an anonymous page is always reused",
               "REUSE-1"},
    MutantInfo{Mutant::file_page_reused, "file_page_reused",
               "a private write keeps the page-cache page", "REUSE-2"},
    MutantInfo{Mutant::reuse_ignores_area, "reuse_ignores_area",
               "reuse makes the entry of a ro area writable", "REUSE-3"},
    MutantInfo{Mutant::exclusive_never_set, "exclusive_never_set",
               "reuse does not mark the page exclusive", "REUSE-4"},
    MutantInfo{Mutant::contents_not_copied, "contents_not_copied", "a copy begins zeroed",
               "COPY-1"},
    MutantInfo{Mutant::mapcount_kept_on_copy, "mapcount_kept_on_copy",
               "a copy keeps the old page's mapcount", "CNT-1"},
    MutantInfo{Mutant::copied_entry_clean, "copied_entry_clean", "a copied entry is clean",
               "COPY-3"},
    MutantInfo{Mutant::copy_keeps_file_rss, "copy_keeps_file_rss",
               "a copy of a file page leaves FILE's count", "CNT-4"},
    MutantInfo{Mutant::zero_page_writable, "zero_page_writable",
               "a read maps the zero page writable", "ZERO-2"},
    MutantInfo{Mutant::zero_page_counted, "zero_page_counted", "a zero-page entry counts in rss",
               "ZERO-1"},
    MutantInfo{Mutant::anon_vma_not_made, "anon_vma_not_made",
               "a first anonymous page makes no anon_vma", "FORK-5"},
    MutantInfo{Mutant::cache_page_for_private_write, "cache_page_for_private_write",
               "a first private write maps the cache page", "FILE-2"},
    MutantInfo{Mutant::shared_write_copies, "shared_write_copies",
               "a write fault in a shared mapping copies", "SHM-1"},
    MutantInfo{Mutant::oom_leaks_frame, "oom_leaks_frame",
               "a fault refused later keeps its first page", "ERR-2"},
    MutantInfo{Mutant::freed_while_referenced, "freed_while_referenced",
               "the last unmap frees a referenced page", "CNT-2"},
    MutantInfo{Mutant::dontneed_leaves_entry, "dontneed_leaves_entry",
               "dontneed leaves the entries", "EXIT-3"},
    MutantInfo{Mutant::unmap_keeps_rss, "unmap_keeps_rss", "unmap does not lower rss", "EXIT-1"},
    MutantInfo{Mutant::protect_gives_write, "protect_gives_write",
               "mprotect makes any private entry writable", "EXIT-4"},
    MutantInfo{Mutant::protect_keeps_write, "protect_keeps_write",
               "mprotect to ro leaves entries writable", "EXIT-4"},
    MutantInfo{Mutant::has_pinned_not_set, "has_pinned_not_set",
               "a pin does not mark its address space", "PIN-1"},
    MutantInfo{Mutant::has_pinned_inherited, "has_pinned_inherited",
               "a child begins marked as having pinned", "PIN-5"},
    MutantInfo{Mutant::pin_counts_as_get, "pin_counts_as_get", "a pin raises the refcount by one",
               "CNT-2"},
    MutantInfo{Mutant::unshare_skipped, "unshare_skipped",
               "a read-only pin takes a shared page as it is", "PIN-3"},
    MutantInfo{Mutant::force_unchecked, "force_unchecked", "FOLL_FORCE writes to any present entry",
               "PIN-4"},
};

// The build that is right.
struct Shipped {
  static constexpr bool mutated(Mutant) { return false; }
};

}  // namespace cow::impl

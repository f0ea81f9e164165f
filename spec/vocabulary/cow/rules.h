// In what kernel versions differ, as data. Code asks these questions, never for a version number.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace cow {

struct Rules {
  std::string_view name;
  bool reuse_needs_mapcount_1;  // a write fault reuses an anonymous page only if one entry maps it
  bool reuse_needs_refcount_1;  // … only if there is no reference besides that entry
  bool tracks_exclusive;        // PG_anon_exclusive: set means reuse without further questions
  bool unshares_before_ro_pin;  // a read-only FOLL_PIN of a page that is not exclusive unshares it
                                // first
  bool unshares_any_long_pin;   // a long-term one unshares the zero page and the page cache too
  // fork copies a maybe-pinned page for the child; of the page cache, in a private mapping, as well
  bool fork_copies_pinned, fork_copies_pinned_file;
  bool mprotect_restores_write;    // mprotect makes the entry of an exclusive page writable at once
  bool force_accepts_exclusive;    // FOLL_FORCE writes to an exclusive page without a fault
  bool merges_touched_into_empty;  // an area with an anon_vma merges into a neighbour that has none
  bool swapin_ignores_references;  // a write that swaps in asks for mapcount and swapcount alone
  bool reuse_frees_swap_cache;     // reuse takes a page out of the swap cache, else it copies
  bool swapin_restores_write;      // an exclusive page that a read swaps in is writable at once
  bool reclaim_spares_pinned;      // what may be pinned is not swapped out
  bool reuses_ksm;                 // a KSM page that nobody else maps or holds may be reused
  bool unmerge_unshares;           // unmergeable takes unshare faults, else write faults
  bool uffd_restores_write;        // lifting uffd-wp makes an exclusive page's entry writable
  bool migration_keeps_marks;      // a migrated entry stays as young and dirty as it was
  bool huge_reuse_asks_mapcount;   // a huge page is reused by mapcount alone, references or not
  bool huge_copies_whole;          // a write to a shared huge page copies all of it
  bool huge_zero_copies_whole;     // a write to the huge zero page maps a huge page of its own
  bool reuses_large_folio;         // a page of a large folio that one process alone maps is reused
  bool lazyfree_asks_references;   // what was given up stays while somebody holds it
  bool collapses;                  // there is MADV_COLLAPSE
  bool discards_hugetlb;           // hugetlb memory can be discarded, and moved
};

// Sources: docs/versions.md. 5.7 stands for 5.1 to 5.6 too, 5.14 for 5.9 to 5.17, 6.15 for 6.0 and
// later.
// clang-format off
inline constexpr std::array<Rules, 5> kRules = [] {
  constexpr bool y = true, n = false;
  return std::array<Rules, 5>{{
    {"5.7", y, n, n, n, n, n, n, n, n, n, y, y, n, n, y, n, n, n, y, y, y, n, n, n, n},
    {"5.14", y, y, n, n, n, y, y, n, n, n, y, n, n, y, n, n, n, n, y, n, n, n, n, n, n},
    {"5.18", n, y, n, n, n, y, y, n, n, n, n, y, n, y, n, n, n, n, n, n, n, n, y, n, y},
    {"5.19", n, y, y, y, n, y, n, n, n, n, n, y, n, y, n, n, n, n, n, n, n, n, y, n, y},
    {"6.15", n, y, y, y, y, y, n, y, y, y, n, y, y, y, n, y, y, y, n, n, y, y, y, y, y},
  }};
}();
// clang-format on

constexpr std::optional<Rules> find_rules(std::string_view name) {
  for (const Rules& r : kRules)
    if (r.name == name) return r;
  return std::nullopt;
}

}  // namespace cow

// What swap, KSM and userfaultfd keep, beside the core's tables, and the questions that the core
// asks of them.
#pragma once

#include <optional>

#include "cow/outcome.h"
#include "spec/mutants.h"
#include "spec/row.h"

namespace cow::spec {

// An entry that is not present: a swap entry. soft_dirty stays in the Pte.
template <class L> struct SwapPte {
  Flag<L> is_swap;
  Flag<L> exclusive;  // pte_swp_exclusive: PG_anon_exclusive while there is no page
  Is<L, typename L::Swap> slot;
};

// A place in the swap device. Its contents count while no page stands for it in the swap cache.
template <class L> struct SwapSlot {
  Flag<L> cached;
  Is<L, typename L::Frame> frame;
  Is<L, typename L::Data> data;
};

template <class L> struct MorePage {
  Flag<L> ksm;       // PageKsm; such a page is anonymous too
  Flag<L> in_cache;  // PageSwapCache: the cache holds one reference
  Flag<L> dirty;     // PG_dirty: written, as far as its entries do not say so
  Flag<L> lazy;      // not PG_swapbacked: given up by MADV_FREE, reclaim may drop it
  Is<L, typename L::Swap> slot;
};

template <class L> struct UffdPte {
  Flag<L> wp;  // counts where the area is registered
};

template <class L> struct Features {
  template <class Key, class Row> using Rows = typename L::template Table<Key, Row>;

  Rows<typename L::Slot, SwapPte<L>> swap_pte{"swap_pte"};
  Rows<typename L::Swap, SwapSlot<L>> swap{"swap"};
  Rows<typename L::Frame, MorePage<L>> more{"more_page"};
  Rows<typename L::Slot, UffdPte<L>> uffd{"uffd_pte"};
  typename L::template Count<typename L::Slot, typename L::Swap> swapped{"swapcount"};
  typename L::SwapDevice device;  // gives slots that nobody uses
  typename L::Folios folio;       // large folios, and who maps huge pages
};

auto is_ksm(const auto& m, const auto& f) { return value(m.more[f].ksm); }
auto in_swap_cache(const auto& m, const auto& f) { return value(m.more[f].in_cache); }
auto is_swap(const auto& m, const auto& s) { return value(m.swap_pte[s].is_swap); }
auto uffd_wp(const auto& m, const auto& s) { return m.vma[m.area.of(s)].uffd && m.uffd[s].wp; }
auto mark_same(const auto& m, const auto& copy) { return m.uffd[copy.slot].wp == copy.wp; }
void clear_uffd_wp(auto& m, const auto& s) {
  const auto& before = m;
  if (before.uffd[s].wp) m.uffd[s].wp = no;
}
// What a fault comes to above the tables, and whether a page is kept, of which a large folio has a
// rule of its own. Neither is asked where the words of one small page decide.
std::optional<Outcome> handle_huge(auto& m, const auto& s, auto access) {
  if constexpr (requires { m.folio.upper(s); }) return handle_huge_fault(m, s, access);
  else return std::nullopt;
}
auto may_keep(const auto& m, const auto& s, const auto& f) {
  if constexpr (requires { m.folio.is_large(f); })
    return (is_large(m, f) && large_can_reuse(m, s, f)) || (!is_large(m, f) && wp_can_reuse(m, f));
  else return wp_can_reuse(m, f);
}

// Does a write fault go to userfaultfd first?
auto uffd_takes(const auto& m, const auto& s) {
  return uffd_wp(m, s) && !m.mutated(Mutant::uffd_ignored);
}

}  // namespace cow::spec

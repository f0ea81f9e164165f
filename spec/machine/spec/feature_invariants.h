// What holds after every step of swap entries, merged and huge pages and userfaultfd's marks:
// clauses as in invariants.h, which calls them.
#pragma once

#include <utility>

#include "spec/counts.h"
#include "spec/ideal.h"

namespace cow::spec {

auto implies(const auto& a, const auto& b) { return !a || b; }

template <class L, class Slot = typename L::Slot, class Frame = typename L::Frame,
          class Thread = typename L::Thread>
void feature_invariants(const State<L>& m, auto& holds) {
  // The swap cache: a page knows its slot, and the slot its page.
  holds("SWAP-3", [&](Frame f) {
    auto&& slot = m.swap[m.more[f].slot];
    return implies(in_swap_cache(m, f), m.page[f].anon && slot.cached && slot.frame == f);
  });
  holds("SWAP-3", [&](typename L::Swap e) {
    auto&& page = m.more[m.swap[e].frame];
    return implies(m.swap[e].cached, page.in_cache && page.slot == e);
  });
  holds("SWAP-2", [&](Slot s) {
    return implies(is_swap(m, s), !m.pte[s].present && is_private(m, s) && vma_of(m, s).anon_vma);
  });
  holds.counts("CNT-5", m.swapped,
               [&](Slot s) { return std::pair(is_swap(m, s), value(m.swap_pte[s].slot)); });
  // What may be written, or is exclusive, no swap entry stands for.
  holds("ALONE-1", [&](Slot s, Frame f) {
    const auto writes_private = writable(m, s) && is_private(m, s);
    return implies(writes_private && in_swap_cache(m, f), swapcount(m, f) == 0);
  });
  holds("SWAP-4", [&](Frame f) {
    return implies(m.page[f].exclusive && in_swap_cache(m, f), swapcount(m, f) == 0);
  });
  // An entry that remembers "exclusive" is its page's only one, and nobody copies that page.
  holds("SWAP-4", [&](Slot s) {
    auto&& entry = m.swap_pte[s];
    auto&& slot = m.swap[entry.slot];
    const auto alone =
        m.mapped.count(slot.frame) == 0 && m.temps.count(slot.frame) == 0 && !is_ksm(m, slot.frame);
    return implies(entry.is_swap && entry.exclusive, m.rules.tracks_exclusive &&
                                                         m.swapped.count(entry.slot) == 1 &&
                                                         implies(slot.cached, alone));
  });
  // Nobody writes a merged page.
  holds("KSM-2", [&](Frame f) { return implies(is_ksm(m, f), !m.page[f].exclusive); });
  holds("KSM-2",
        [&](Slot s, Frame f) { return implies(is_ksm(m, f) && m.page[f].anon, !writable(m, s)); });
  // A mark stands on an entry of a registered area, which is not writable.
  holds("WP-2", [&](Slot s) {
    const auto there = m.pte[s].present || is_swap(m, s);
    return implies(m.uffd[s].wp, there && vma_of(m, s).uffd && !writable(m, s));
  });
  holds("UFFD-2", [&](typename L::VmaId v) { return implies(m.vma[v].uffd, !m.vma[v].file); });
  // What is marked is not copied; a mark that comes while it is, is found at the end.
  holds("WP-2", [&](Thread t) {
    auto&& copy = m.copying[t];
    return implies(copy.busy && !copy.unshare, !copy.wp);
  });
  huge_invariants(m, holds);
}

// Do two entries map one page, stand for one that is swapped out, or the first for what the second
// maps? Merged pages are left out.
auto both_map(const auto& m, const auto& s, const auto& t) {
  const auto f = m.frame_at(t);
  return m.pte[s].present && m.pte[t].present && m.frame_at(s) == f && m.page[f].anon &&
         !is_ksm(m, f);
}
auto both_away(const auto& m, const auto& s, const auto& t) {
  return is_swap(m, s) && is_swap(m, t) && m.swap_pte[s].slot == m.swap_pte[t].slot;
}
auto one_away(const auto& m, const auto& s, const auto& t) {
  const auto f = m.frame_at(t);
  auto&& slot = m.swap[m.swap_pte[s].slot];
  return is_swap(m, s) && slot.cached && m.pte[t].present && slot.frame == f && m.page[f].anon &&
         !is_ksm(m, f);
}

// … of huge pages, each seen from any one of its pages.
template <class L, class Slot = typename L::Slot, class Frame = typename L::Frame,
          class Thread = typename L::Thread>
void huge_invariants(const State<L>& m, auto& holds) {
  const auto huge = [&](Slot s) { return value(m.folio.upper(s).huge); };
  const auto no_place = [&](Slot s) {  // for a huge page to be made
    return !vma_of(m, s).hugepage || m.folio.upper(s).table;
  };
  // A large folio's pages are anonymous, and neither merged nor in the swap cache.
  holds("HUGE-5", [&](Frame f) {
    const auto large = m.folio.is_large(f);
    const auto plain = m.page[f].anon && !is_ksm(m, f) && !in_swap_cache(m, f);
    return m.folio.no_debt(m, f) && implies(!large, m.folio.besides(m, f) == 0) &&
           implies(large && m.page[f].allocated, plain);
  });
  // An upper entry maps the zero page, or a large folio, or a table stands where entries are.
  holds("HUGE-6", [&](Slot s) {
    const auto f = m.frame_at(s);
    return implies(huge(s), m.pte[s].present && (is_zero_page(m, f) || m.folio.is_large(f)));
  });
  holds("HUGE-6",
        [&](Slot s) { return implies(m.pte[s].present || is_swap(m, s), huge(s) || no_place(s)); });
  holds("HUGE-6", [&](Thread t) {
    auto&& copy = m.copying[t];
    return implies(copy.busy, !huge(copy.slot) && no_place(copy.slot)) &&
           implies(copy.busy && copy.ready, !m.folio.is_large(copy.fresh));
  });
  holds("HUGE-6", [&](typename L::VmaId v) { return implies(m.vma[v].hugepage, !m.vma[v].file); });
  if (!m.rules.reuses_large_folio) return;
  // Who maps a folio alone maps each page of it once.
  const auto one_mm = [&](Slot s, Slot t) { return m.mm_of(s) == m.mm_of(t) && !(s == t); };
  holds("HUGE-5", [&](Slot s, Slot t) { return implies(one_mm(s, t), !both_map(m, s, t)); });
  holds("HUGE-5", [&](Slot s, Slot t) { return implies(one_mm(s, t), !both_away(m, s, t)); });
  holds("HUGE-5", [&](Slot s, Slot t) { return implies(one_mm(s, t), !one_away(m, s, t)); });
}

template <class L, class Slot = typename L::Slot, class Ref = typename L::Ref>
void feature_refinement(const State<L>& m, const Ideal<L>& i, auto& holds) {
  holds("WP-5", [&](Slot s) { return implies(is_swap(m, s), m.area.has(s)); });
  // What is swapped out shows what the ideal machine shows.
  holds("ISO-1", [&](Slot s) {
    auto&& slot = m.swap[m.swap_pte[s].slot];
    const auto cached = value(m.page[slot.frame].data), written = value(slot.data);
    return implies(is_swap(m, s), m.choose(slot.cached, cached, written) == shows(i, s));
  });
  if (!m.rules.reuse_needs_refcount_1) return;
  // The reference names the page that a swap entry stands for, and that is in the swap cache.
  const auto on = [&](Ref k, Slot s) {
    auto&& slot = m.swap[m.swap_pte[s].slot];
    auto&& ref = m.ref[k];
    return is_swap(m, s) && slot.cached && ref.live && !ref.stray && ref.frame == slot.frame;
  };
  holds("ISO-1", [&](Slot s, Ref k) {
    const auto own = attached(i, k) && owner(i, k) == s;
    return implies(on(k, s) && m.swap_pte[s].exclusive, own);
  });
  holds("SWAP-1", [&](Slot s, Ref k) {  // what is written through a pin stays
    auto&& ref = m.ref[k];
    return implies(on(k, s) && ref.pin, !ref.write && !m.rules.tracks_exclusive);
  });
  holds("KSM-1", [&](Ref k) {  // nor is a merged page written through a pin
    auto&& ref = m.ref[k];
    const auto writes = ref.live && !ref.stray && ref.pin && ref.write;
    return implies(writes && m.page[ref.frame].anon, !is_ksm(m, ref.frame));
  });
  holds("COPY-1", [&](typename L::Thread t) {  // the page that is copied stays read-only
    auto&& copy = m.copying[t];
    return implies(copy.busy && writable(m, copy.slot), !(m.frame_at(copy.slot) == copy.old));
  });
}

}  // namespace cow::spec

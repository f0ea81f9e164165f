// Decisions of swap, MADV_FREE, KSM, migration and userfaultfd write protection.
#include "prove/decision_table.h"

namespace cow::prove {

namespace {

using namespace impl;

Truth keeps_swapped_in(const Words& w, const RuleWords& r, const Word<64>& swapcount) {
  return impl::reuse_swap_page(r, w.counts, w.flags, swapcount);
}

Decision reuse_swapped() {
  return {"reuse_swap_page",
          "SWAP-5",
          [](const Words& w, const RuleWords& r) { return keeps_swapped_in(w, r, w.swapcount); },
          [](Facts& m) { return Truth(spec::reuse_swap_page(m, m.f, One::one)); },
          {{"swapcount not asked",
            [](const Words& w, const RuleWords& r) { return keeps_swapped_in(w, r, Word<64>(1)); }},
           {"no other slot's entry, or none",
            [](const Words& w, const RuleWords& r) {
              return keeps_swapped_in(w, r, w.swapcount) ||
                     (w.swapcount == Word<64>(0) && keeps_swapped_in(w, r, Word<64>(1)));
            }},
           {"mapcount not asked",
            [](const Words& w, const RuleWords& r) {
              return impl::reuse_swap_page(r, w.counts & Word<64>(kRefcountMask), w.flags,
                                           w.swapcount);
            }},
           {"references asked for",
            [](const Words& w, const RuleWords& r) {
              return keeps_swapped_in(w, r, w.swapcount) && refcount_of(w.counts) <= Word<64>(1);
            }},
           {"KSM pages too", [](const Words& w, const RuleWords& r) {
              return impl::reuse_swap_page(r, w.counts, Word<8>(1), w.swapcount);
            }}}};
}

Truth spares(const Words& w, const RuleWords& r) {
  return impl::reclaim_spares(r, w.counts, w.flags);
}

Decision reclaim() {
  return {"reclaim_spares",
          "SWAP-1",
          spares,
          [](Facts& m) { return Truth(spec::reclaim_spares(m, m.f)); },
          {{"KSM pages taken",
            [](const Words& w, const RuleWords& r) {
              return impl::reclaim_spares(r, w.counts, Word<8>(1));
            }},
           {"the bias itself taken",
            [](const Words& w, const RuleWords& r) {
              return spares(w, r) &&
                     (page_ksm(w.flags) || refcount_of(w.counts) > Word<64>(kPinBias));
            }},
           {"pinned pages spared by every kernel", [](const Words& w, const RuleWords& r) {
              return spares(w, r) || refcount_of(w.counts) >= Word<64>(kPinBias);
            }}}};
}

Decision gives_up() {
  return {
      "needs_only_mapper",
      "ADV-4",
      [](const Words& w, const RuleWords&) { return impl::needs_only_mapper(w.marks, w.flags); },
      [](Facts& m) { return Truth(spec::needs_only_mapper(m, m.f)); },
      {{"dirty pages given up by all",
        [](const Words& w, const RuleWords&) { return page_swap_cache(w.flags); }},
       {"the swap cache not asked",
        [](const Words& w, const RuleWords&) { return has_mark(w.marks, kPageDirty); }},
       {"asked if it was given up", [](const Words& w, const RuleWords&) {
          return has_mark(w.marks, kPageGivenUp) || page_swap_cache(w.flags);
        }}}};
}

Decision keeps_what_was_written() {
  return {
      "written_since",
      "SWAP-6",
      [](const Words& w, const RuleWords&) { return impl::written_since(w.entry, w.marks); },
      [](Facts& m) {
        m.asked_if(m.pte[m.s].present);
        return Truth(spec::written_since(m, m.s));
      },
      {{"the page not asked", [](const Words& w, const RuleWords&) { return pte_dirty(w.entry); }},
       {"the entry not asked",
        [](const Words& w, const RuleWords&) { return has_mark(w.marks, kPageDirty); }}}};
}

Decision keeps_what_is_held() {
  return {"stays_for_holders",
          "SWAP-6",
          [](const Words& w, const RuleWords& r) { return impl::stays_for_holders(r, w.counts); },
          [](Facts& m) { return Truth(spec::stays_for_holders(m, m.f)); },
          {{"asked by every kernel",
            [](const Words& w, const RuleWords&) { return !only_mapped(w.counts, Word<64>(0)); }},
           {"pins only", [](const Words& w, const RuleWords& r) {
              return r.lazyfree_asks_references && refcount_of(w.counts) >= Word<64>(kPinBias);
            }}}};
}

// What the caches hold of a page.
Word<64> cache_references(const Words& w) {
  const Truth cached = page_in_cache(w.flags) || page_swap_cache(w.flags);
  return Word<64>(z3::ite(cached.e, Word<64>(1).e, Word<64>(0).e));
}

Decision migrates() {
  return {
      "only_mapped (migration)",
      "MIG-1",
      [](const Words& w, const RuleWords&) { return only_mapped(w.counts, cache_references(w)); },
      [](Facts& m) {
        // FILE-2, SHM-1: a mapped page of an object stands in the page cache.
        m.asked_if(m.page[m.f].cached == page_in_cache(m.words.flags));
        return Truth(may_migrate(m, m.f));
      },
      {{"the caches' references forgotten",
        [](const Words& w, const RuleWords&) { return only_mapped(w.counts, Word<64>(0)); }},
       {"as many references or fewer", [](const Words& w, const RuleWords&) {
          return refcount_of(w.counts) <= mapcount_of(w.counts) + Word<64>(1);
        }}}};
}

Decision merges_pages() {
  const auto decided = [](const Words& w, const RuleWords&) {
    return page_ksm(w.flags) ||
           (only_mapped(w.counts, cache_references(w)) && !impl::uffd_wp(w.area, w.entry));
  };
  return {
      "only_mapped (KSM)",
      "KSM-1",
      decided,
      [](Facts& m) {
        m.asked_if(ksm_candidate(m, m.s));
        return Truth(ksm_may_take(m, m.s));
      },
      {{"stable pages asked too",
        [=](const Words& w, const RuleWords& r) { return decided(w, r) && !page_ksm(w.flags); }},
       {"userfaultfd not asked",
        [](const Words& w, const RuleWords&) {
          return page_ksm(w.flags) || only_mapped(w.counts, cache_references(w));
        }},
       {"mapped once only", [=](const Words& w, const RuleWords& r) {
          return decided(w, r) && mapcount_of(w.counts) == Word<64>(1);
        }}}};
}

Decision userfaultfd() {
  return {"uffd_wp",
          "WP-2",
          [](const Words& w, const RuleWords&) { return impl::uffd_wp(w.area, w.entry); },
          [](Facts& m) { return Truth(spec::uffd_wp(m, m.s)); },
          {{"the area not asked",
            [](const Words& w, const RuleWords&) { return pte_uffd_wp(w.entry); }},
           {"the entry not asked",
            [](const Words& w, const RuleWords&) { return vm_has(w.area, kVmUffdWp); }}}};
}

}  // namespace

std::vector<Decision> feature_decisions() {
  return {reuse_swapped(),      reclaim(),  gives_up(),     keeps_what_was_written(),
          keeps_what_is_held(), migrates(), merges_pages(), userfaultfd()};
}

}  // namespace cow::prove

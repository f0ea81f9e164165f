// Decisions about huge pages and large folios, of which the sums over a folio are inputs.
#include "prove/decision_table.h"

namespace cow::prove {

namespace {

using namespace impl;

Word<64> counts_of(const Word<64>& mapped, const Words& w) {
  return Word<64>(z3::concat(mapped.bits<31, 0>().e, w.references.e));
}

void is_plain(Facts& m) {  // what a large folio's pages are: HUGE-5 of the invariants
  m.asked_if(m.page[m.f].anon && !is_ksm(m, m.f) && !in_swap_cache(m, m.f));
}

Truth keeps_huge(const Words& w, const RuleWords& r) {
  return impl::huge_reuse(r, counts_of(w.most_mapped, w), w.flags);
}

Decision huge() {
  return {
      "huge_reuse",
      "HUGE-4",
      keeps_huge,
      [](Facts& m) {
        is_plain(m);
        return Truth(huge_can_reuse(m, m.f));
      },
      {{"one page's mappings asked",
        [](const Words& w, const RuleWords& r) { return impl::huge_reuse(r, w.counts, w.flags); }},
       {"references asked where mappings are",
        [](const Words& w, const RuleWords& r) {
          return keeps_huge(w, r) && refcount_of(w.counts) == Word<64>(1);
        }},
       {"exclusive where it is not tracked", [](const Words& w, const RuleWords& r) {
          return keeps_huge(w, r) || page_exclusive(w.flags);
        }}}};
}

// As the implementation puts them together: the folio's most mapped page, or this one; then all.
Truth by_page(const Words& w, const RuleWords& r) {
  const auto with = [&](const Word<64>& mapped) {
    return impl::large_page_reuse(r, counts_of(mapped, w), w.flags);
  };
  const Truth most = impl::asks_most_mapped(r);
  return (most && with(w.most_mapped)) || (!most && with(Word<64>::widened(w.mappings)));
}
Truth by_folio(const Words& w, const RuleWords& r) {
  return impl::large_folio_reuse(r, w.folio_mappings, w.own_mappings,
                                 Word<64>::widened(w.references));
}

Decision large() {
  return {
      "large_folio_reuse",
      "HUGE-5",
      [](const Words& w, const RuleWords& r) { return by_page(w, r) || by_folio(w, r); },
      [](Facts& m) {
        is_plain(m);
        return Truth(large_can_reuse(m, m.s, m.f));
      },
      {{"the last entry's page kept",
        [](const Words& w, const RuleWords& r) {
          return by_page(w, r) || by_folio(w, r) ||
                 impl::wp_can_reuse(r, w.counts, w.flags, Word<64>(0));
        }},
       {"who else maps the folio not asked",
        [](const Words& w, const RuleWords& r) {
          Words all = w;
          all.own_mappings = w.folio_mappings;
          return by_page(w, r) || by_folio(all, r);
        }},
       {"who else holds it not asked",
        [](const Words& w, const RuleWords& r) {
          return by_page(w, r) || (r.reuses_large_folio && w.folio_mappings >= Word<64>(2) &&
                                   w.own_mappings == w.folio_mappings);
        }},
       {"this page's mappings where the most are asked", [](const Words& w, const RuleWords& r) {
          return impl::large_page_reuse(r, w.counts, w.flags) || by_folio(w, r);
        }}}};
}

}  // namespace

std::vector<Decision> huge_decisions() { return {huge(), large()}; }

}  // namespace cow::prove

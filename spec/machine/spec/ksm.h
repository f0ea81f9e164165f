// KSM: two equal anonymous pages become one, which nobody may write (5.14 mm/ksm.c).
#pragma once

#include "spec/counts.h"

namespace cow::spec {

// Of what may be merged: a present anonymous page of a private mapping.
auto ksm_candidate(const auto& m, const auto& s) {
  return m.pte[s].present && m.page[m.pte[s].frame].anon;
}

// write_protect_page: nobody holds the page beside those that map it, or it is stable already
// (KSM-1).
auto ksm_may_take(const auto& m, const auto& s) {
  const auto f = m.frame_at(s);
  const auto held = refcount(m, f) - m.one_if(in_swap_cache(m, f));
  return is_ksm(m, f) ||
         ((m.mapped.count(f) == held || m.mutated(Mutant::ksm_takes_held)) && !uffd_wp(m, s));
}

// The page of s becomes a KSM page (KSM-2). A page that others map is read-only everywhere already.
void set_page_stable(auto& m, const auto& s) {
  const auto f = m.frame_at(s);
  m.more[f].ksm = m.more[f].dirty = yes;
  m.page[f].exclusive = no;
  m.pte[s].writable = m.mutated(Mutant::ksm_stays_writable) && m.pte[s].writable;
  m.pte[s].dirty = no;
}

// replace_page: the entry of s maps the KSM page f instead of its own page of the same bytes.
void replace_page(auto& m, const auto& s, const auto& f) {
  drop_mapping(m, s, m.frame_at(s));
  map_page(m, s, f, no, no);
}

}  // namespace cow::spec

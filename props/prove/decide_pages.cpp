// Decisions about one entry and the page that it maps: write faults, fork, mprotect.
#include "prove/decision_table.h"

namespace cow::prove {

namespace {

using namespace impl;

Truth exactly_one_or_less(const Word<64>& n) { return n <= Word<64>(1); }

Truth reuses(const Words& w, const RuleWords& r) {
  return impl::wp_can_reuse(r, w.counts, w.flags, w.swapcount);
}

// Where userfaultfd is not asked first.
void is_private_write_fault(Facts& m) {
  m.asked_if(m.pte[m.s].present && !m.here().shared && !spec::uffd_wp(m, m.s));
}

Decision reuse() {
  return {"wp_can_reuse",
          "REUSE-1",
          reuses,
          [](Facts& m) {
            is_private_write_fault(m);
            const auto done = do_wp_page(m, One::one, m.s, spec::Access::write);
            return Truth(done == Outcome::reused);
          },
          {{"mapcount 1 or less",
            [](const Words& w, const RuleWords& r) {
              return kind_is(w.flags, Kind::anon) &&
                     ((r.tracks_exclusive && page_exclusive(w.flags)) ||
                      ((!r.reuse_needs_mapcount_1 || exactly_one_or_less(mapcount_of(w.counts))) &&
                       (!r.reuse_needs_refcount_1 || refcount_of(w.counts) == Word<64>(1))));
            }},
           {"refcount below the pins' bias",
            [](const Words& w, const RuleWords& r) {
              return kind_is(w.flags, Kind::anon) &&
                     ((r.tracks_exclusive && page_exclusive(w.flags)) ||
                      ((!r.reuse_needs_mapcount_1 || mapcount_of(w.counts) == Word<64>(1)) &&
                       (!r.reuse_needs_refcount_1 || refcount_of(w.counts) < Word<64>(kPinBias))));
            }},
           {"exclusive where it is not tracked",
            [](const Words& w, const RuleWords& r) {
              RuleWords tracked = r;
              tracked.tracks_exclusive = Truth(true);
              return impl::wp_can_reuse(tracked, w.counts, w.flags, w.swapcount);
            }},
           {"pages of the page cache too",
            [](const Words& w, const RuleWords& r) {
              const Word<8> as_anon = (w.flags & Word<8>(kExclusive)) | Word<8>(1);
              return impl::wp_can_reuse(r, w.counts, as_anon, w.swapcount);
            }},
           {"swapcount not asked",
            [](const Words& w, const RuleWords& r) {
              return impl::wp_can_reuse(r, w.counts, w.flags, Word<64>(0));
            }},
           {"pages in the swap cache as any others",
            [](const Words& w, const RuleWords& r) {
              const Word<8> not_cached = (w.flags & Word<8>(kExclusive)) | Word<8>(1);
              return (!page_swap_cache(w.flags) && reuses(w, r)) ||
                     (page_swap_cache(w.flags) &&
                      impl::wp_can_reuse(r, w.counts - Word<64>(1), not_cached, w.swapcount));
            }},
           {"KSM pages as any others",
            [](const Words& w, const RuleWords& r) {
              const Word<8> plain = (w.flags & Word<8>(kExclusive)) | Word<8>(1);
              return reuses(w, r) || (kind_is(w.flags, kKsmPage) &&
                                      impl::wp_can_reuse(r, w.counts, plain, w.swapcount));
            }},
           {"refcount of 16 bits", [](const Words& w, const RuleWords& r) {
              return impl::wp_can_reuse(r, w.counts & Word<64>(0xffff'ffff'0000'ffff), w.flags,
                                        w.swapcount);
            }}}};
}

// The same for the fault of a read-only pin, which may keep the page without a copy.
Decision unshare_keeps() {
  return {"wp_can_reuse (unshare)",
          "PIN-3",
          reuses,
          [](Facts& m) {
            is_private_write_fault(m);
            const auto done = do_wp_page(m, One::one, m.s, spec::Access::unshare);
            return Truth(done == Outcome::hit);
          },
          {{"never", [](const Words&, const RuleWords&) { return Truth(false); }}}};
}

Truth early(const Words& w, const RuleWords& r, const Truth& has_pinned, const Word<64>& counts) {
  return page_needs_cow_for_dma(r, has_pinned, w.area, counts, w.flags);
}

Decision early_copy() {
  return {
      "page_needs_cow_for_dma",
      "PIN-1",
      [](const Words& w, const RuleWords& r) { return early(w, r, w.has_pinned, w.counts); },
      [](Facts& m) {
        m.asked_if(m.pte[m.s].present);
        copy_pte(m, m.s, m.child);
        return Truth(!m.pte[m.child].frame.is(m.f));
      },
      {{"has_pinned not asked",
        [](const Words& w, const RuleWords& r) { return early(w, r, Truth(true), w.counts); }},
       {"above the bias only",
        [](const Words& w, const RuleWords& r) {
          return early(w, r, w.has_pinned, w.counts) && refcount_of(w.counts) > Word<64>(kPinBias);
        }},
       {"exclusive not asked",
        [](const Words& w, const RuleWords& r) {
          RuleWords untracked = r;
          untracked.tracks_exclusive = Truth(false);
          return early(w, untracked, w.has_pinned, w.counts);
        }},
       {"shared mappings too",
        [](const Words& w, const RuleWords& r) {
          return page_needs_cow_for_dma(r, w.has_pinned, Word<32>(kVmMayWrite), w.counts, w.flags);
        }},
       {"anonymous pages only", [](const Words& w, const RuleWords& r) {
          return early(w, r, w.has_pinned, w.counts) && page_anon(w.flags);
        }}}};
}

// Of an entry that fork shares: was it writable, and is it no longer, here or in the child?
Decision write_protection(const char* name, Place where) {
  return {name,
          "FORK-2",
          [](const Words& w, const RuleWords&) { return fork_wrprotects(w.area, w.entry); },
          [where](Facts& m) {
            const Truth before = m.pte[m.s].writable;
            m.asked_if(m.pte[m.s].present);
            copy_pte(m, m.s, m.child);
            if (!m.pte[m.child].frame.is(m.f)) m.not_asked();
            return before && !m.pte[where].writable;
          },
          {{"shared mappings too",
            [](const Words& w, const RuleWords&) { return impl::pte_write(w.entry); }},
           {"dirty entries only", [](const Words& w, const RuleWords&) {
              return fork_wrprotects(w.area, w.entry) && pte_dirty(w.entry);
            }}}};
}

Decision protection() {
  const auto decided = [](const Words& w, const RuleWords& r) {
    return can_change_pte_writable(r, w.area, w.entry, w.flags);
  };
  return {"can_change_pte_writable",
          "EXIT-4",
          decided,
          [](Facts& m) {
            m.asked_if(m.pte[m.s].present);
            change_protection(m, m.s);
            return m.pte[m.s].writable;
          },
          {{"soft-dirty not asked",
            [](const Words& w, const RuleWords& r) {
              return can_change_pte_writable(r, w.area, w.entry | Word<64>(kSoftDirty), w.flags);
            }},
           {"exclusive not asked",
            [](const Words& w, const RuleWords& r) {
              return can_change_pte_writable(r, w.area, w.entry, w.flags | Word<8>(kExclusive));
            }},
           {"the area's write permission not asked",
            [](const Words& w, const RuleWords& r) {
              return can_change_pte_writable(r, w.area | Word<32>(kVmWrite), w.entry, w.flags);
            }},
           {"writes to clean file pages not told",
            [=](const Words& w, const RuleWords& r) {
              return decided(w, r) || (vm_has(w.area, kVmShared) && vm_has(w.area, kVmWrite));
            }},
           {"userfaultfd's mark not asked",
            [](const Words& w, const RuleWords& r) {
              return can_change_pte_writable(r, w.area, w.entry & Word<64>(~kUffdWp), w.flags);
            }},
           {"gives write to what was writable only", [=](const Words& w, const RuleWords& r) {
              return decided(w, r) && impl::pte_write(w.entry);
            }}}};
}

}  // namespace

std::vector<Decision> page_decisions() {
  return {reuse(),
          unshare_keeps(),
          early_copy(),
          write_protection("fork_wrprotects (parent)", Place::here),
          write_protection("fork_wrprotects (child)", Place::in_child),
          protection()};
}

}  // namespace cow::prove

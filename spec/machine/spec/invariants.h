// What holds after every step. Each clause is written once, over any page, frame or reference: run,
// it is a loop that finds a witness; proved, it is assumed before a step and shown after it.
#pragma once

#include <utility>

#include "spec/counts.h"
#include "spec/ideal.h"

namespace cow::spec {

constexpr bool implies(bool a, bool b) { return !a || b; }

decltype(auto) vma_of(const auto& m, const auto& s) { return m.vma[m.area.of(s)]; }
auto is_private(const auto& m, const auto& s) { return !vma_of(m, s).shared; }
auto writable(const auto& m, const auto& s) { return m.pte[s].present && m.pte[s].writable; }
// A page that counts: neither free nor the zero page.
auto counted(const auto& m, const auto& f) { return !is_zero_page(m, f); }

// Of the specification alone. holds.entry: for every present entry, and the page that it maps.
template <class L> void invariants(const State<L>& m, auto& holds) {
  using Slot = typename L::Slot;
  using Frame = typename L::Frame;
  using Ref = typename L::Ref;
  using Vma = typename L::VmaId;
  using Block = typename L::Block;
  using Thread = typename L::Thread;

  // No two writable entries map one private page; a writable private entry is alone.
  holds.entry("ALONE-1", [&](Slot s, Frame f) {
    return implies(writable(m, s) && is_private(m, s), m.mapped.count(f) == 1);
  });
  holds("ALONE-1", [&](Slot s, Slot t) {
    return implies(!(s == t) && writable(m, s) && is_private(m, s) && m.pte[t].present,
                   !(m.pte[s].frame == m.pte[t].frame));
  });
  holds("ZERO-2", [&](Frame f) {
    auto&& page = m.page[f];
    return implies(!counted(m, f), page.allocated && !page.anon && !page.cached && !page.shmem &&
                                       page.data == m.zeros());
  });
  // No writable entry maps the zero page, nor, in a private mapping, the page cache.
  holds.entry("ZERO-2", [&](Slot s, Frame f) { return implies(writable(m, s), counted(m, f)); });
  holds.entry("FILE-1", [&](Slot s, Frame f) {
    return implies(writable(m, s) && is_private(m, s), value(m.page[f].anon));
  });
  holds("REUSE-3", [&](Slot s) { return implies(writable(m, s), value(vma_of(m, s).write)); });
  // Where pages of each kind may be mapped.
  holds.entry("ZERO-1", [&](Slot s, Frame f) {
    return implies(!counted(m, f), !vma_of(m, s).file && is_private(m, s) && !m.page[f].anon);
  });
  holds.entry("SHM-1", [&](Slot s, Frame f) {
    return implies(m.page[f].anon, vma_of(m, s).anon_vma && is_private(m, s));
  });
  holds.entry("FILE-2", [&](Slot s, Frame f) {
    return implies(counted(m, f) && !m.page[f].anon,
                   m.page[f].cached && vma_of(m, s).file && m.page[f].block == m.area.block(s));
  });
  holds.entry("COPY-3", [&](Slot s, Frame f) {  // a private dirty entry maps the process's own copy
    return implies(is_private(m, s) && m.pte[s].dirty, value(m.page[f].anon));
  });
  holds("VMA-1", [&](Vma v) {
    auto&& vma = m.vma[v];
    return implies(vma.shared || vma.shmem, vma.file && vma.shared) &&
           implies(value(vma.anon_vma), !vma.shared);
  });
  // No entry, reference or cache names a freed page, and none is lost.
  holds("FREED-1", [&](Frame f) {
    return implies(counted(m, f), m.page[f].allocated == (refcount(m, f) > 0));
  });
  holds("INT-1", [&](Block b) {
    auto&& page = m.page[m.block[b].frame];
    return implies(value(m.block[b].cached),
                   page.cached && page.block == b && counted(m, m.block[b].frame));
  });
  holds("INT-1", [&](Frame f) {
    auto&& block = m.block[m.page[f].block];
    return implies(value(m.page[f].cached), !m.page[f].anon && block.cached && block.frame == f);
  });
  // Counts are exact: who counts (and is not on the zero page), and what it counts for.
  const auto on = [&](const auto& who, Frame f) { return std::pair(who && counted(m, f), f); };
  holds.counts("CNT-1", m.mapped, [&](Slot s) { return on(m.pte[s].present, m.frame_at(s)); });
  holds.counts("CNT-2", m.gets,
               [&](Ref k) { return on(m.ref[k].live && !m.ref[k].pin, m.ref[k].frame); });
  holds.counts("CNT-2", m.pins,
               [&](Ref k) { return on(m.ref[k].live && m.ref[k].pin, m.ref[k].frame); });
  holds.counts("CNT-2", m.temps, [&](Thread t) { return on(m.copying[t].busy, m.copying[t].old); });
  holds.counts("CNT-2", m.fresh, [&](Thread t) {
    return std::pair(m.copying[t].busy && m.copying[t].ready, value(m.copying[t].fresh));
  });
  holds.counts("CNT-3", m.rss, [&](Slot s) {
    return std::pair(on(m.pte[s].present, m.frame_at(s)).first, rss_key(m, s, m.frame_at(s)));
  });
  // PG_anon_exclusive means what it says.
  holds("PIN-3", [&](Frame f) {
    return implies(value(m.page[f].exclusive), m.page[f].anon && m.rules.tracks_exclusive);
  });
  holds.entry("PIN-3",
              [&](Slot, Frame f) { return implies(m.page[f].exclusive, m.mapped.count(f) == 1); });
  holds.entry("PIN-3", [&](Slot s, Frame f) {
    return implies(m.rules.tracks_exclusive && writable(m, s) && is_private(m, s),
                   value(m.page[f].exclusive));
  });
  // A copy in the making: the new page is nobody else's yet.
  holds("COPY-1", [&](Thread t) {
    const auto f = value(m.copying[t].fresh);
    return implies(m.copying[t].busy && m.copying[t].ready,
                   m.page[f].anon && m.page[f].exclusive == m.rules.tracks_exclusive &&
                       !m.page[f].cached && counted(m, f) && refcount(m, f) == 1);
  });
  holds("COPY-1", [&](Thread t) {
    return implies(value(m.copying[t].busy), !m.page[m.copying[t].old].exclusive);
  });
}

// Of the specification beside the ideal machine: what it refines (not run here; the lockstep
// compares).
template <class L> void refinement(const State<L>& m, const Ideal<L>& i, auto& holds) {
  using Slot = typename L::Slot;
  using Frame = typename L::Frame;
  using Ref = typename L::Ref;
  using Block = typename L::Block;
  using Thread = typename L::Thread;
  const Rules& r = m.rules;
  const auto looks = [&](Ref k) { return m.ref[k].live && !m.ref[k].stray; };
  const auto sees = [&](Ref k, Frame f) { return looks(k) && m.ref[k].frame == f; };
  const auto of_page = [&](Ref k, Slot s) {  // k names the object of the page s
    return attached(i, k) && i.naming[k].slot == s;
  };

  holds("WP-5", [&](Slot s) { return implies(value(m.pte[s].present), m.area.has(s)); });
  // Every page shows what the ideal machine shows there.
  holds.entry("ISO-1", [&](Slot s, Frame f) { return m.page[f].data == shows(i, s); });
  holds("INT-1", [&](Block b) {
    return implies(value(m.block[b].cached), m.page[m.block[b].frame].data == content_of(i, b));
  });
  holds("INT-1",
        [&](Block b) { return implies(!m.block[b].cached, content_of(i, b) == m.area.disk(b)); });
  holds("ISO-1", [&](Slot s) {  // a page is an object exactly where it has an anonymous page
    return i.place[s].own == (m.pte[s].present && m.page[m.pte[s].frame].anon);
  });
  holds("ISO-1", [&](Slot s, Slot t) {
    return implies(i.place[s].own && i.place[t].own && i.place[s].object == i.place[t].object,
                   s == t);
  });
  holds("ISO-2", [&](Ref k) {  // references on anonymous pages, and no others, name objects
    auto&& page = m.page[m.ref[k].frame];
    auto&& naming = i.naming[k];
    return implies(looks(k), naming.named == page.anon && implies(naming.on_shared && page.cached,
                                                                  page.block == naming.block));
  });
  holds("ISO-2", [&](Ref k, Slot s) {
    return implies(i.naming[k].named && i.place[s].own && i.place[s].object == i.naming[k].object,
                   i.naming[k].slot == s);
  });
  if (r.reuse_needs_refcount_1) {
    // Nobody else's reference sees the page that a process may write.
    holds("ISO-1", [&](Slot s, Ref k) {
      return implies(writable(m, s) && is_private(m, s) && sees(k, m.frame_at(s)), of_page(k, s));
    });
    holds("ISO-1", [&](Slot s, Ref k) {
      const auto f = m.frame_at(s);
      return implies(m.pte[s].present && m.page[f].exclusive && sees(k, f), of_page(k, s));
    });
    holds("PIN-1", [&](Slot s, Ref k) {  // a writable pin's page is mapped by its owner only
      const auto f = m.frame_at(s);
      return implies(
          m.pte[s].present && m.page[f].anon && sees(k, f) && m.ref[k].pin && m.ref[k].write,
          of_page(k, s));
    });
  }
  holds("PIN-5", [&](Ref k) {
    return implies(m.ref[k].live && m.ref[k].pin && attached(i, k),
                   value(m.mm[m.mm_of(i.naming[k].slot)].has_pinned));
  });
  if (r.tracks_exclusive) {
    const auto owner_maps = [&](Ref k) {
      auto&& pte = m.pte[i.naming[k].slot];
      return pte.present && pte.frame == m.ref[k].frame;
    };
    holds("COH-1", [&](Ref k) {
      return implies(looks(k) && m.ref[k].pin && m.ref[k].write && attached(i, k), owner_maps(k));
    });
    holds("COH-2", [&](Ref k) {
      return implies(looks(k) && m.ref[k].pin && attached(i, k), owner_maps(k));
    });
    holds("COH-1", [&](Slot s, Ref k) {
      const auto f = m.frame_at(s);
      return implies(m.pte[s].present && sees(k, f) && m.ref[k].pin && m.page[f].anon,
                     value(m.page[f].exclusive));
    });
  }
  // A copy in the making has the contents that the entry still shows.
  holds("COPY-1", [&](Thread t) {
    auto&& copy = m.copying[t];
    auto&& pte = m.pte[copy.slot];
    const auto same = pte.present && pte.frame == copy.old && !pte.writable;
    const auto exact = (same && m.page[copy.old].anon) || !counted(m, copy.old);
    return implies(copy.busy && copy.ready && exact,
                   m.page[copy.fresh].data == m.page[copy.old].data);
  });
  holds("COPY-1", [&](Thread t) {
    auto&& copy = m.copying[t];
    auto&& vma = vma_of(m, copy.slot);
    return implies(value(copy.busy), m.area.has(copy.slot) && !vma.shared &&
                                         implies(value(copy.ready), value(vma.anon_vma)));
  });
}

}  // namespace cow::spec

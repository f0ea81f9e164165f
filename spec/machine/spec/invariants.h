// What holds after every step. Each clause is written once, over any page, frame or reference: run,
// it is a loop that finds a witness; proved, it is assumed before a step and shown after it. A
// clause over a Slot and a Frame speaks of a present entry and the page that it maps.
#pragma once

#include <utility>

#include "spec/feature_invariants.h"

namespace cow::spec {

// Of the specification alone.
template <class L, class Slot = typename L::Slot, class Frame = typename L::Frame,
          class Ref = typename L::Ref, class Thread = typename L::Thread>
void invariants(const State<L>& m, auto& holds) {
  const auto counted = [&](Frame f) { return !is_zero_page(m, f); };
  const auto writes_private = [&](Slot s) { return writable(m, s) && is_private(m, s); };

  // No two writable entries map one private page; a writable private entry is alone.
  holds("ALONE-1",
        [&](Slot s, Frame f) { return implies(writes_private(s), m.mapped.count(f) == 1); });
  holds("ALONE-1", [&](Slot s, Slot t) {
    return implies(!(s == t) && writes_private(s) && m.pte[t].present,
                   !(m.frame_at(s) == m.frame_at(t)));
  });
  holds("ZERO-2", [&](Frame f) {
    auto&& page = m.page[f];
    const auto empty = page.allocated && !page.anon && !page.cached && !page.shmem;
    return counted(f) || (empty && page.data == m.zeros());
  });
  // No writable entry maps the zero page, nor, in a private mapping, the page cache.
  holds("ZERO-2", [&](Slot s, Frame f) { return implies(writable(m, s), counted(f)); });
  holds("FILE-1", [&](Slot s, Frame f) { return implies(writes_private(s), m.page[f].anon); });
  holds("REUSE-3", [&](Slot s) { return implies(writable(m, s), vma_of(m, s).write); });
  // Where pages of each kind may be mapped.
  holds("ZERO-1", [&](Slot s, Frame f) {
    return counted(f) || (!vma_of(m, s).file && is_private(m, s) && !m.page[f].anon);
  });
  holds("SHM-1", [&](Slot s, Frame f) {
    return implies(m.page[f].anon, vma_of(m, s).anon_vma && is_private(m, s));
  });
  holds("FILE-2", [&](Slot s, Frame f) {
    auto&& page = m.page[f];
    return implies(counted(f) && !page.anon,
                   page.cached && vma_of(m, s).file && page.block == m.area.block(s));
  });
  holds("COPY-3", [&](Slot s, Frame f) {  // a private dirty entry maps the process's own copy
    return implies(is_private(m, s) && m.pte[s].dirty, m.page[f].anon);
  });
  holds("VMA-1", [&](typename L::VmaId v) {
    auto&& vma = m.vma[v];
    return implies(vma.shared || vma.shmem, vma.file && vma.shared) &&
           implies(vma.anon_vma, !vma.shared);
  });
  // No entry, reference or cache names a freed page, and none is lost.
  holds("FREED-1",
        [&](Frame f) { return implies(counted(f), m.page[f].allocated == (refcount(m, f) > 0)); });
  holds("INT-1", [&](typename L::Block b) {
    const auto f = value(m.block[b].frame);
    return implies(m.block[b].cached, m.page[f].cached && m.page[f].block == b && counted(f));
  });
  holds("INT-1", [&](Frame f) {
    auto&& block = m.block[m.page[f].block];
    return implies(m.page[f].cached, !m.page[f].anon && block.cached && block.frame == f);
  });
  // Counts are exact: who counts (and is not on the zero page), and what it counts for.
  const auto on = [&](const auto& who, Frame f) { return std::pair(who && counted(f), f); };
  const auto copies = [&](Thread t) { return m.copying[t].busy && m.copying[t].ready; };
  holds.counts("CNT-1", m.mapped, [&](Slot s) { return on(m.pte[s].present, m.frame_at(s)); });
  holds.counts("CNT-2", m.gets,
               [&](Ref k) { return on(m.ref[k].live && !m.ref[k].pin, m.ref[k].frame); });
  holds.counts("CNT-2", m.pins,
               [&](Ref k) { return on(m.ref[k].live && m.ref[k].pin, m.ref[k].frame); });
  holds.counts("CNT-2", m.temps, [&](Thread t) { return on(m.copying[t].busy, m.copying[t].old); });
  holds.counts("CNT-2", m.fresh,
               [&](Thread t) { return std::pair(copies(t), value(m.copying[t].fresh)); });
  holds.counts("CNT-3", m.rss, [&](Slot s) {
    const Frame f = m.frame_at(s);
    return std::pair(is_swap(m, s) || on(m.pte[s].present, f).first,
                     m.choose(is_swap(m, s), m.swap_key_of(s), rss_key(m, s, f)));
  });
  // PG_anon_exclusive means what it says.
  holds("PIN-3", [&](Frame f) {
    return implies(m.page[f].exclusive, m.page[f].anon && m.rules.tracks_exclusive);
  });
  holds("PIN-3", [&](Slot s, Frame f) {
    return implies(m.page[f].exclusive, m.mapped.count(f) == 1) &&
           implies(m.rules.tracks_exclusive && writes_private(s), m.page[f].exclusive);
  });
  // A copy in the making: the new page is nobody else's yet.
  holds("COPY-1", [&](Thread t) {
    const Frame f = m.copying[t].fresh;
    auto&& page = m.page[f];
    const auto new_anon =
        page.anon && !page.cached && !is_ksm(m, f) && page.exclusive == m.rules.tracks_exclusive;
    return implies(copies(t), new_anon && counted(f) && refcount(m, f) == 1);
  });
  holds("COPY-1", [&](Frame f) { return implies(m.page[f].exclusive, m.temps.count(f) == 0); });
  feature_invariants(m, holds);
}

// Of the specification beside the ideal machine: what it refines (not run here; the lockstep
// compares).
template <class L, class Slot = typename L::Slot, class Frame = typename L::Frame,
          class Ref = typename L::Ref, class Thread = typename L::Thread>
void refinement(const State<L>& m, const Ideal<L>& i, auto& holds) {
  const auto looks = [&](Ref k) { return m.ref[k].live && !m.ref[k].stray; };
  const auto sees = [&](Ref k, Frame f) { return looks(k) && m.ref[k].frame == f; };
  const auto pinned = [&](Ref k) { return looks(k) && m.ref[k].pin; };
  const auto of_page = [&](Ref k, Slot s) {  // k names the object of the page s
    return attached(i, k) && owner(i, k) == s;
  };

  holds("WP-5", [&](Slot s) { return implies(m.pte[s].present, m.area.has(s)); });
  // Every page shows what the ideal machine shows there.
  holds("ISO-1", [&](Slot s, Frame f) { return m.page[f].data == shows(i, s); });
  holds("INT-1", [&](typename L::Block b) {
    const auto cached = value(m.block[b].cached);
    return implies(cached, m.page[m.block[b].frame].data == content_of(i, b)) &&
           implies(!cached, content_of(i, b) == m.area.disk(b));
  });
  holds("ISO-1", [&](Slot s) {  // a page is an object exactly where it has an anonymous page
    return i.place[s].own == (is_swap(m, s) || (m.pte[s].present && m.page[m.frame_at(s)].anon));
  });
  holds("ISO-1", [&](Slot s) {  // and is nobody else's
    return implies(i.place[s].own, i.object[i.place[s].object].slot == s);
  });
  holds("ISO-2", [&](Ref k) {  // references on anonymous pages, and no others, name objects
    auto&& page = m.page[m.ref[k].frame];
    auto&& naming = i.naming[k];
    const auto same_block = implies(naming.on_shared && page.cached, page.block == naming.block);
    return implies(looks(k), naming.named == page.anon && same_block);
  });
  if (m.rules.reuse_needs_refcount_1) {
    // Nobody else's reference sees the page that a process may write.
    holds("ISO-1", [&](Slot s, Ref k) {
      const auto f = m.frame_at(s);
      const auto may_write =
          (writable(m, s) && is_private(m, s)) || (m.pte[s].present && m.page[f].exclusive);
      return implies(may_write && sees(k, f), of_page(k, s));
    });
    holds("PIN-1", [&](Slot s, Ref k) {  // a writable pin's page is mapped by its owner only
      const auto f = m.frame_at(s);
      return implies(
          m.pte[s].present && m.page[f].anon && sees(k, f) && pinned(k) && m.ref[k].write,
          of_page(k, s));
    });
  }
  holds("PIN-5", [&](Ref k) {
    return implies(m.ref[k].live && m.ref[k].pin && attached(i, k),
                   m.mm[m.mm_of(owner(i, k))].has_pinned);
  });
  if (m.rules.tracks_exclusive) {
    const auto owner_maps = [&](Ref k) {
      auto&& pte = m.pte[owner(i, k)];
      return pte.present && pte.frame == m.ref[k].frame;
    };
    holds("COH-1", [&](Ref k) {
      return implies(pinned(k) && m.ref[k].write && attached(i, k), owner_maps(k));
    });
    holds("COH-2", [&](Ref k) { return implies(pinned(k) && attached(i, k), owner_maps(k)); });
    holds("COH-1", [&](Slot s, Ref k) {
      const auto f = m.frame_at(s);
      return implies(m.pte[s].present && sees(k, f) && pinned(k) && m.page[f].anon,
                     m.page[f].exclusive);
    });
  }
  // A copy in the making has the contents that the entry still shows.
  holds("COPY-1", [&](Thread t) {
    auto&& copy = m.copying[t];
    auto&& pte = m.pte[copy.slot];
    auto&& away = m.swap[m.swap_pte[copy.slot].slot];
    const auto same = (pte.present && pte.frame == copy.old && !pte.writable) ||
                      (is_swap(m, copy.slot) && away.cached && away.frame == copy.old) ||
                      is_ksm(m, copy.old);
    const auto exact = (same && m.page[copy.old].anon) || is_zero_page(m, copy.old);
    return implies(copy.busy && copy.ready && exact,
                   m.page[copy.fresh].data == m.page[copy.old].data);
  });
  holds("COPY-1", [&](Thread t) {
    auto&& copy = m.copying[t];
    auto&& vma = vma_of(m, copy.slot);
    return implies(copy.busy,
                   m.area.has(copy.slot) && !vma.shared && implies(copy.ready, vma.anon_vma));
  });
  feature_refinement(m, i, holds);
}

}  // namespace cow::spec

// What fork leaves in both processes.
#include <algorithm>

#include "laws/law.h"

namespace cow::laws {
namespace {

bool forks(const Moment& m) { return m.is(Op::fork) && m.accepted(); }
Slot in_child(const Moment& m, const Slot& s) { return {m.step.child, s.region, s.page}; }

// f(parent's slot, child's slot, ground) for each page that the parent has mapped; the first broken
// one decides.
template <class F> Seen each_page(const Moment& m, F f) {
  if (!forks(m)) return Seen::other;
  Seen seen = Seen::other;
  m.before.for_each([&](const Slot& s, const PteView& entry) {
    if (s.process != m.step.process || entry.mapped != Mapped::yes) return;
    const Seen one = f(s, in_child(m, s), m.ledger.ground(s));
    if (one == Seen::broken || seen == Seen::other) seen = seen == Seen::broken ? seen : one;
  });
  return seen;
}

// A page that both show in one frame, in private mappings.
bool shared_by_fork(const Moment& m, const Slot& s, const Slot& child) {
  const PteView &to = m.after.at(child), &from = m.after.at(s);
  return to.present && from.present && to.frame == from.frame && to.share == Share::private_;
}

Seen child_sees_the_parents_bytes(const Moment& m) {
  return each_page(m, [&](const Slot& s, const Slot& child, const Ground& g) {
    if (g.dontfork || g.wipeonfork || g.shared) return Seen::other;
    if (m.before.page_at(s).kind != Kind::anon) return Seen::other;
    return holds_if(m.after.at(child).present &&
                    m.after.page_at(child).cells == m.before.page_at(s).cells);
  });
}

Seen fork_protects_both(const Moment& m) {
  return each_page(m, [&](const Slot& s, const Slot& child, const Ground&) {
    if (!shared_by_fork(m, s, child) || !m.before.at(s).writable) return Seen::other;
    return holds_if(!m.after.at(s).writable && !m.after.at(child).writable);
  });
}

Seen fork_leaves_shared_mappings(const Moment& m) {
  return each_page(m, [&](const Slot& s, const Slot&, const Ground& g) {
    if (!g.shared || !m.before.at(s).present) return Seen::other;
    return holds_if(m.after.at(s) == m.before.at(s));
  });
}

Seen dontfork_is_gone(const Moment& m) {
  return each_page(m, [&](const Slot&, const Slot& child, const Ground& g) {
    if (!g.dontfork) return Seen::other;
    return holds_if(m.after.at(child).mapped == Mapped::gone);
  });
}

Seen wipeonfork_is_empty(const Moment& m) {
  return each_page(m, [&](const Slot&, const Slot& child, const Ground& g) {
    if (!g.wipeonfork || g.dontfork) return Seen::other;
    const PteView& is = m.after.at(child);
    return holds_if(is.mapped == Mapped::yes && !is.present && !is.swapped);
  });
}

Seen untouched_is_not_copied(const Moment& m) {
  return each_page(m, [&](const Slot& s, const Slot& child, const Ground& g) {
    if (!m.before.at(s).present) return Seen::other;
    if (!g.shared && m.ledger.asked(s.process, s.region)) return Seen::other;
    return holds_if(!m.after.at(child).present);
  });
}

Seen child_entry_is_old(const Moment& m) {
  return each_page(m, [&](const Slot& s, const Slot& child, const Ground&) {
    if (!shared_by_fork(m, s, child)) return Seen::other;
    return holds_if(!m.after.at(child).young && m.after.at(child).dirty == m.before.at(s).dirty);
  });
}

// A pin of the process itself on an anonymous page, exclusive where that is tracked.
bool pinned(const Moment& m, const Slot& s) {
  const PageView& page = m.before.page_at(s);
  return page.kind == Kind::anon && page.pins > 0 && m.ledger.has_pinned(s.process) &&
         (page.exclusive || !m.rules.tracks_exclusive);
}

Seen pinned_page_stays(const Moment& m) {
  return each_page(m, [&](const Slot& s, const Slot& child, const Ground& g) {
    if (!pinned(m, s) || g.dontfork || g.wipeonfork) return Seen::other;
    const PageView& copy = m.after.page_at(child);
    const bool stays =
        alone(m.after.at(s)) == alone(m.before.at(s)) && m.after.page_at(s) == m.before.page_at(s);
    return holds_if(stays && m.after.at(child).frame != m.after.at(s).frame &&
                    copy.cells == m.before.page_at(s).cells && copy.mapcount == 1);
  });
}

// Whoever has never pinned, and whose pages nobody pins, shares them all.
Seen unpinned_is_shared(const Moment& m) {
  return each_page(m, [&](const Slot& s, const Slot& child, const Ground& g) {
    const PageView& page = m.before.page_at(s);
    const bool plain = page.kind == Kind::anon && page.pins == 0 && page.refcount < 1024;
    if (!plain || g.dontfork || g.wipeonfork) return Seen::other;
    return holds_if(m.after.at(child).frame == m.after.at(s).frame &&
                    !m.after.page_at(s).exclusive);
  });
}

Seen child_has_no_pins(const Moment& m) {
  if (!forks(m)) return Seen::other;
  // The mark is not inherited: a child that forks shares what only its parent has pinned.
  if (m.ledger.has_pinned(m.step.process)) return Seen::other;
  Seen seen = Seen::other;
  m.before.for_each([&](const Slot& s, const PteView& entry) {
    if (s.process != m.step.process || !entry.present) return;
    if (m.before.page_at(s).kind != Kind::anon || m.before.page_at(s).pins == 0) return;
    const Slot child = in_child(m, s);
    if (!m.after.at(child).present) return;
    if (seen != Seen::broken) seen = holds_if(m.after.at(child).frame == m.after.at(s).frame);
  });
  return seen;
}

Seen failed_fork_leaves_no_child(const Moment& m) {
  if (!m.is(Op::fork) || m.result.outcome != Outcome::oom) return Seen::other;
  if (m.after.lives(m.step.child) || m.after.allocated != m.before.allocated) return Seen::broken;
  for (std::uint32_t f = 0; f < m.before.pages.size(); ++f) {
    const PageView &was = m.before.pages[f], &is = m.after.pages[f];
    if (was.mapcount != is.mapcount || was.refcount != is.refcount || was.cells != is.cells)
      return Seen::broken;
  }
  return holds_if(m.before.rss == m.after.rss);
}

// The parent's entries may have become read-only, nothing else.
Seen failed_fork_keeps_the_parent(const Moment& m) {
  if (!m.is(Op::fork) || m.result.outcome != Outcome::oom) return Seen::other;
  bool kept = true;
  m.before.for_each([&](const Slot& s, const PteView& was) {
    PteView expected = was;
    expected.writable = m.after.at(s).writable && was.writable;
    kept = kept && m.after.at(s) == expected;
  });
  return holds_if(kept);
}

}  // namespace

std::vector<Law> fork_laws() {
  constexpr RuleBits kCopiesPinned = k514 | k518 | k519 | k615;
  return {
      {"child-sees-the-parents-bytes", "FORK-1 FORK-5",
       "After fork each anonymous page of the parent is in the child, with the same bytes.", "core",
       stateless<child_sees_the_parents_bytes>},
      {"fork-protects-both", "FORK-2",
       "A writable private entry that fork shares is read-only in both processes.", "core",
       stateless<fork_protects_both>},
      {"fork-leaves-shared-mappings", "FORK-2", "Fork changes no entry of a shared mapping.",
       "files", stateless<fork_leaves_shared_mappings>},
      {"dontfork-is-gone", "FORK-3", "A dontfork page is not mapped in the child.", "protection",
       stateless<dontfork_is_gone>},
      {"wipeonfork-is-empty", "FORK-3", "A wipeonfork page is mapped and empty in the child.",
       "protection", stateless<wipeonfork_is_empty>},
      {"untouched-is-not-copied", "FORK-5",
       "Fork copies no entry of an area that never asked for an anonymous page.", "files",
       stateless<untouched_is_not_copied>},
      {"child-entry-is-old", "FORK-6", "A shared child entry is old, and as dirty as the parent's.",
       "core", stateless<child_entry_is_old>},
      {"pinned-page-stays", "PIN-1",
       "Fork leaves a pinned page's entry in the parent as it is, and the child gets a copy.",
       "references", stateless<pinned_page_stays>, kCopiesPinned},
      {"unpinned-is-shared", "PIN-5", "Fork shares every anonymous page that nobody pins.",
       "references", stateless<unpinned_is_shared>},
      {"only-who-pinned-copies", "PIN-5",
       "A process that never pinned shares at fork what others have pinned.", "references",
       stateless<child_has_no_pins>, k57 | k514 | k518},
      {"failed-fork-leaves-no-child", "ERR-1",
       "A fork that is refused for memory leaves no child, count or page.", "failures",
       stateless<failed_fork_leaves_no_child>, kCopiesPinned},
      {"failed-fork-keeps-the-parent", "ERR-1",
       "A fork that is refused for memory leaves the parent's entries, at most read-only.",
       "failures", stateless<failed_fork_keeps_the_parent>, kCopiesPinned},
  };
}

}  // namespace cow::laws

// Pages that are swapped out, moved, merged or write-protected.
#include <algorithm>
#include <map>

#include "laws/law.h"

namespace cow::laws {
namespace {

// Every place whose entry maps the frame.
std::vector<Slot> that_map(const Scene& scene, Frame f) {
  std::vector<Slot> slots;
  scene.for_each([&](const Slot& s, const PteView& entry) {
    if (entry.present && entry.frame == f) slots.push_back(s);
  });
  return slots;
}

// The page of sys swapout, migrate or ksm; nothing is said where the name or the area is not there.
const PageView* page_taken(const Moment& m, Op op) {
  if (!m.is(op) || !m.ledger.ground(m.slot()).mapped) return nullptr;
  return &m.before.page_at(m.slot());
}

Seen what_cannot_go_is_spared(const Moment& m) {
  const PageView* page = page_taken(m, Op::sys_swapout);
  if (page == nullptr) return Seen::other;
  if (page->kind != Kind::anon) return holds_if(m.result.outcome == Outcome::inval);
  bool spared = page->ksm || (m.rules.reclaim_spares_pinned && page->refcount >= 1024);
  for (const Slot& s : that_map(m.before, m.before.at(m.slot()).frame))
    spared = spared || m.ledger.ground(s).locked;
  return holds_if(m.result.outcome == (spared ? Outcome::busy : Outcome::ok));
}

// All entries that mapped the page name one slot; the page stays where somebody holds it.
Seen what_goes_leaves_every_entry(const Moment& m) {
  const PageView* page = page_taken(m, Op::sys_swapout);
  if (page == nullptr || !m.accepted()) return Seen::other;
  const Frame f = m.before.at(m.slot()).frame;
  bool gone = true;
  for (const Slot& s : that_map(m.before, f)) {
    const PteView& is = m.after.at(s);
    gone = gone && is.swapped && !is.present && is.swapcount >= page->mapcount;
  }
  const bool held = m.ledger.held(m.before, f) > 0;
  const PageView& now = m.after.page(f);
  return holds_if(gone && (held ? now.cells == page->cells : now.kind == Kind::none));
}

// Which entries name one slot is seen where its page is in the cache; else only that the entries
// with such a count can be so grouped.
Seen swapcount_is_the_entries(const Moment& m) {
  std::map<Frame, std::uint32_t> cached;
  std::map<std::uint32_t, std::uint32_t> elsewhere;  // entries, by their count
  m.after.for_each([&](const Slot&, const PteView& entry) {
    if (entry.swapped && entry.frame != kNoFrame) ++cached[entry.frame];
    else if (entry.swapped) ++elsewhere[entry.swapcount];
  });
  bool right = true;
  m.after.for_each([&](const Slot&, const PteView& entry) {
    if (entry.frame == kNoFrame) return;
    const auto at = cached.find(entry.frame);
    right = right && entry.swapcount == (at == cached.end() ? 0 : at->second);
  });
  for (const auto& [count, entries] : elsewhere) right = right && count > 0 && entries % count == 0;
  return cached.empty() && elsewhere.empty() && right ? Seen::other : holds_if(right);
}

Seen swap_in_moves_one_count(const Moment& m) {
  const bool access = m.writes() || m.is(Op::read) || m.is(Op::force_read);
  if (!access || !m.accepted() || !m.before.at(m.slot()).swapped) return Seen::other;
  Rss expected = m.before.rss[index(m.step.process)];
  --expected.swap;
  ++expected.anon;
  const Outcome o = m.result.outcome;
  const bool says_so =
      o == Outcome::swapped || (m.writes() && (o == Outcome::copied || o == Outcome::reused));
  return holds_if(says_so && m.after.at(m.slot()).present &&
                  m.after.rss[index(m.step.process)] == expected);
}

Seen migration_asks_for_holders(const Moment& m) {
  const PageView* page = page_taken(m, Op::sys_migrate);
  if (page == nullptr) return Seen::other;
  if (page->kind == Kind::none || page->kind == Kind::zero)
    return holds_if(m.result.outcome == Outcome::inval);
  const bool held = m.ledger.held(m.before, m.before.at(m.slot()).frame) > 0;
  return holds_if(m.result.outcome == (held ? Outcome::busy : Outcome::ok));
}

Seen migration_moves_every_entry(const Moment& m) {
  const PageView* page = page_taken(m, Op::sys_migrate);
  if (page == nullptr || !m.accepted()) return Seen::other;
  const Frame from = m.before.at(m.slot()).frame, to = m.after.at(m.slot()).frame;
  bool moved = to != from && m.after.page(to) == *page && m.after.page(from).kind == Kind::none;
  m.before.for_each([&](const Slot& s, const PteView& was) {
    PteView expected = was;
    if (was.present && was.frame == from) {
      expected.young = was.young && m.rules.migration_keeps_marks;
      expected.dirty = was.dirty && m.rules.migration_keeps_marks;
    }
    if (was.frame == from) expected.frame = to;
    moved = moved && m.after.at(s) == expected;
  });
  return holds_if(moved && m.after.rss == m.before.rss && m.after.refs == m.before.refs);
}

Seen merged_pages_are_one(const Moment& m) {
  if (!m.is(Op::sys_ksm) || !m.accepted()) return Seen::other;
  const Slot other{m.step.child, m.step.to, m.step.at};
  const PteView &one = m.after.at(m.slot()), &two = m.after.at(other);
  if (m.before.at(m.slot()).frame == m.before.at(other).frame) return Seen::other;
  const PageView& page = m.after.page_at(m.slot());
  return holds_if(one.present && two.present && one.frame == two.frame && page.ksm &&
                  page.cells == m.before.page_at(m.slot()).cells &&
                  page.cells == m.before.page_at(other).cells && m.after.rss == m.before.rss);
}

Seen merged_pages_are_read_only(const Moment& m) {
  Seen seen = Seen::other;
  m.after.for_each([&](const Slot& s, const PteView& entry) {
    const PageView& page = m.after.page_at(s);
    if (!entry.present || !page.ksm || seen == Seen::broken) return;
    seen = holds_if(!entry.writable && !page.exclusive && page.kind == Kind::anon);
  });
  return seen;
}

// By a write fault, which userfaultfd may stop, or by unsharing.
Seen unmerging_breaks_every_merge(const Moment& m) {
  if (!m.is(Op::advise) || m.step.advice != Advice::unmergeable || !m.accepted())
    return Seen::other;
  Seen seen = Seen::other;
  m.before.for_each([&](const Slot& s, const PteView&) {
    const bool in = s.process == m.step.process && s.region == m.step.region &&
                    s.page >= m.step.first && s.page <= m.step.last;
    const PageView &was = m.before.page_at(s), &is = m.after.page_at(s);
    if (!in || !was.ksm || !m.ledger.ground(s).mergeable || seen == Seen::broken) return;
    if (m.ledger.ground(s).marked && !m.rules.unmerge_unshares) return;
    seen = holds_if(!is.ksm && is.kind == Kind::anon && is.cells == was.cells);
  });
  return seen;
}

// The program's own write to an entry that userfaultfd protects, and to no other.
Seen marked_pages_are_delivered(const Moment& m) {
  const Ground& g = m.ledger.ground(m.slot());
  if (!m.is(Op::write) || !g.mapped || g.prot != Prot::rw) return Seen::other;
  if (!g.marked) return m.result.outcome == Outcome::uffd ? Seen::broken : Seen::other;
  return holds_if(m.result.outcome == Outcome::uffd);
}

Seen marked_pages_are_read_only(const Moment& m) {
  Seen seen = Seen::other;
  m.before.for_each([&](const Slot& s, const PteView& entry) {
    if (!m.ledger.ground(s).marked || seen == Seen::broken) return;
    seen = holds_if(!entry.writable && (entry.present || entry.swapped));
  });
  return seen;
}

// What a child writes to is delivered to nobody, before it has protected it itself.
Watch children_have_no_marks() {
  return [inherits = std::vector<bool>()](const Moment& m) mutable {
    inherits.resize(m.after.alive.size());
    Seen seen = Seen::other;
    if (m.is(Op::write) && m.before.lives(m.step.process) && inherits[index(m.step.process)])
      seen = holds_if(m.result.outcome != Outcome::uffd);
    if (m.is(Op::uffd_wp)) inherits[index(m.step.process)] = false;
    if (m.is(Op::fork) && m.accepted()) {
      bool marked = false;
      m.before.for_each([&](const Slot& s, const PteView&) {
        marked |= s.process == m.step.process && m.ledger.ground(s).marked;
      });
      inherits[index(m.step.child)] = marked;
    }
    return seen;
  };
}

Seen lifting_asks_its_rule(const Moment& m) {
  if (!m.is(Op::uffd_wp) || m.step.on || !m.accepted()) return Seen::other;
  Seen seen = Seen::other;
  m.before.for_each([&](const Slot& s, const PteView& was) {
    const bool lifted = s.process == m.step.process && s.region == m.step.region &&
                        s.page >= m.step.first && s.page <= m.step.last && was.present;
    if (!lifted || seen == Seen::broken) return;
    const bool may = m.rules.uffd_restores_write && m.before.page_at(s).exclusive;
    seen = holds_if(may || !m.after.at(s).writable);
  });
  return seen;
}

}  // namespace

std::vector<Law> reclaim_laws() {
  return {
      {"what-cannot-go-is-spared", "SWAP-1",
       "Reclaim leaves locked and merged pages, and pinned ones where the rule set spares them.",
       "reclaim", stateless<what_cannot_go_is_spared>},
      {"what-goes-leaves-every-entry", "SWAP-1 SWAP-2",
       "A page that is swapped out leaves every entry; it stays only for those who hold it.",
       "reclaim", stateless<what_goes_leaves_every_entry>},
      {"swapcount-is-the-entries", "CNT-5", "A slot's swapcount is the entries that name it.",
       "reclaim", stateless<swapcount_is_the_entries>},
      {"swap-in-moves-one-count", "CNT-3 SWAP-3",
       "What comes back from swap moves one count from swap to anonymous memory.", "reclaim",
       stateless<swap_in_moves_one_count>},
      {"migration-asks-for-holders", "MIG-1",
       "A page is not moved exactly where somebody holds it besides its entries and caches.",
       "reclaim", stateless<migration_asks_for_holders>},
      {"migration-moves-every-entry", "MIG-2",
       "A page that moves takes its entries, counts and bytes along.", "reclaim",
       stateless<migration_moves_every_entry>},
      {"merged-pages-are-one", "KSM-1 KSM-2", "Merged pages are one KSM page of the same bytes.",
       "reclaim", stateless<merged_pages_are_one>},
      {"merged-pages-are-read-only", "KSM-1 KSM-2", "No entry of a KSM page is writable.",
       "reclaim", stateless<merged_pages_are_read_only>},
      {"unmerging-breaks-every-merge", "KSM-3",
       "Memory that becomes unmergeable gets pages of its own for its KSM pages.", "reclaim",
       stateless<unmerging_breaks_every_merge>},
      {"marked-pages-are-delivered", "WP-2",
       "The program's write is told to userfaultfd exactly where the entry is protected by it.",
       "reclaim", stateless<marked_pages_are_delivered>},
      {"marked-pages-are-read-only", "WP-2 UFFD-1",
       "An entry that userfaultfd protects is there, and is not writable.", "reclaim",
       stateless<marked_pages_are_read_only>},
      {"children-have-no-marks", "FORK-8",
       "Until it protects memory itself, no write of a child is told to userfaultfd.", "reclaim",
       children_have_no_marks},
      {"lifting-asks-its-rule", "UFFD-1",
       "Lifted protection makes an entry writable at once only where the rule set says so.",
       "reclaim", stateless<lifting_asks_its_rule>},
  };
}

}  // namespace cow::laws

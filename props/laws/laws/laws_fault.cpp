// The write fault: keep or copy, and what each of them leaves.
#include "laws/law.h"

namespace cow::laws {
namespace {

bool came_to(const Moment& m, Outcome o) { return m.writes() && m.result.outcome == o; }

// A write fault on a present entry of a private mapping, by the program itself.
bool wp_fault(const Moment& m) {
  const PteView& was = m.before.at(m.slot());
  return m.is(Op::write) && m.accepted() && was.present && !was.writable &&
         was.share == Share::private_;
}

// REUSE-2, REUSE-4: the question each rule set asks, of the page as it was.
bool reusable(const Moment& m, const PageView& page) {
  const PteView& was = m.before.at(m.slot());
  const std::string_view rules = m.rules.name;
  const bool in_swap_cache = page.refcount > page.mapcount + m.ledger.held(m.before, was.frame);
  const bool leaves_cache = rules != "5.14" && was.swapcount == 0;
  if (page.ksm) return rules == "5.7" && page.refcount == 1;
  if (page.exclusive) return true;
  if (in_swap_cache && !leaves_cache) return false;
  if (rules == "5.7") return page.mapcount == 1;
  return page.refcount - in_swap_cache == 1;
}

Seen reuses_what_it_may(const Moment& m) {
  if (!wp_fault(m) || m.before.page_at(m.slot()).kind != Kind::anon) return Seen::other;
  const bool may = reusable(m, m.before.page_at(m.slot()));
  return holds_if((m.result.outcome == Outcome::reused) == may &&
                  (m.result.outcome == Outcome::copied) == !may);
}

Seen never_reuses_what_is_not_anon(const Moment& m) {
  if (!wp_fault(m) || m.before.page_at(m.slot()).kind == Kind::anon) return Seen::other;
  return holds_if(m.result.outcome == Outcome::copied &&
                  m.after.page_at(m.slot()).kind == Kind::anon);
}

Seen reuse_moves_nothing(const Moment& m) {
  if (!came_to(m, Outcome::reused) || !m.before.at(m.slot()).present) return Seen::other;
  const PteView &was = m.before.at(m.slot()), &is = m.after.at(m.slot());
  const PageView &page = m.before.page_at(m.slot()), &now = m.after.page_at(m.slot());
  const bool may_write = m.ledger.ground(m.slot()).prot == Prot::rw;
  const bool in_swap_cache = page.refcount > page.mapcount + m.ledger.held(m.before, was.frame);
  const bool leaves_cache = in_swap_cache && !page.exclusive;
  return holds_if(is.frame == was.frame && is.young && is.dirty && is.writable == may_write &&
                  now.mapcount == page.mapcount && now.refcount + leaves_cache == page.refcount &&
                  m.after.rss == m.before.rss &&
                  (m.after.allocated == m.before.allocated || page.ksm));
}

// The survivor of all sharers keeps the page. Remembers which frames were shared.
Watch survivor_reuses() {
  return [shared = std::vector<bool>()](const Moment& m) mutable {
    shared.resize(std::max(shared.size(), m.after.pages.size()));
    Seen seen = Seen::other;
    if (wp_fault(m) && m.before.page_at(m.slot()).kind == Kind::anon) {
      const PageView& page = m.before.page_at(m.slot());
      if (page.mapcount == 1 && page.refcount == 1 && !page.ksm &&
          shared[index(m.before.at(m.slot()).frame)])
        seen = holds_if(m.result.outcome == Outcome::reused);
    }
    for (std::size_t f = 0; f < m.after.pages.size(); ++f)
      shared[f] = m.after.pages[f].mapcount > 1 || (shared[f] && m.after.pages[f].mapcount == 1);
    return seen;
  };
}

Seen copy_is_private(const Moment& m) {
  if (!came_to(m, Outcome::copied)) return Seen::other;
  const PageView& now = m.after.page_at(m.slot());
  PageView source = m.before.page_at(m.slot());
  const PteView& was = m.before.at(m.slot());
  if (now.kind != Kind::anon || now.mapcount != 1 || now.refcount != 1) return Seen::broken;
  if (was.present && was.frame == m.after.at(m.slot()).frame) return Seen::broken;
  if (!was.present) return Seen::holds;  // of a file's page, which reads-see-the-ideal-byte knows
  source.cells[m.step.cell] = m.step.value;
  return holds_if(now.cells == source.cells);
}

// Of all entries, an access touches its own alone.
Seen access_touches_one_entry(const Moment& m) {
  const bool access = m.writes() || m.is(Op::read) || m.is(Op::force_read) || m.is(Op::pin);
  if (!access || !m.accepted()) return Seen::other;
  bool as_it_was = true;
  m.before.for_each([&](const Slot& s, const PteView& was) {
    as_it_was = as_it_was && (s == m.slot() || alone(m.after.at(s)) == alone(was));
  });
  return holds_if(as_it_was);
}

Seen copied_entry_is_dirty(const Moment& m) {
  if (!came_to(m, Outcome::copied)) return Seen::other;
  const bool may_write = m.ledger.ground(m.slot()).prot == Prot::rw;
  const PteView& is = m.after.at(m.slot());
  return holds_if(is.dirty && is.young && is.writable == may_write);
}

Seen write_needs_a_writable_area(const Moment& m) {
  const Ground& g = m.ledger.ground(m.slot());
  const bool access = m.is(Op::write) || m.is(Op::read);
  if (!access || !g.mapped || !m.before.lives(m.step.process)) return Seen::other;
  const bool forbidden = m.is(Op::write) ? g.prot != Prot::rw : g.prot == Prot::none;
  if (!forbidden) return Seen::other;
  return holds_if(m.result.outcome == Outcome::segv);
}

// No entry of a private mapping permits what its area does not.
Seen entry_within_its_area(const Moment& m) {
  Seen seen = Seen::other;
  m.before.for_each([&](const Slot& s, const PteView& entry) {
    if (!entry.present || m.ledger.ground(s).prot == Prot::rw) return;
    if (seen != Seen::broken) seen = holds_if(!entry.writable);
  });
  return seen;
}

Seen writable_private_is_anon(const Moment& m) {
  Seen seen = Seen::other;
  m.after.for_each([&](const Slot& s, const PteView& entry) {
    if (!entry.present || !entry.writable || entry.share == Share::shared) return;
    const PageView& page = m.after.page_at(s);
    if (seen != Seen::broken) seen = holds_if(page.kind == Kind::anon && page.mapcount == 1);
  });
  return seen;
}

Seen hit_changes_no_page(const Moment& m) {
  const bool access = m.writes() || m.is(Op::read) || m.is(Op::force_read);
  if (!access || m.result.outcome != Outcome::hit) return Seen::other;
  const PageView &was = m.before.page_at(m.slot()), &is = m.after.page_at(m.slot());
  return holds_if(m.before.at(m.slot()).present &&
                  m.after.at(m.slot()).frame == m.before.at(m.slot()).frame &&
                  was.mapcount == is.mapcount && was.refcount == is.refcount);
}

Seen permitted_write_hits(const Moment& m) {
  const PteView& was = m.before.at(m.slot());
  if (!m.is(Op::write) || !was.present || !was.writable) return Seen::other;
  return holds_if(m.result.outcome == Outcome::hit);
}

Seen accesses_finish(const Moment& m) {
  const bool access = m.writes() || m.is(Op::read) || m.is(Op::force_read) || m.is(Op::pin);
  if (!access) return Seen::other;
  return holds_if(m.result.outcome != Outcome::busy);
}

Seen write_is_there(const Moment& m) {
  if (!m.writes() || !m.accepted()) return Seen::other;
  return holds_if(m.after.page_at(m.slot()).cells[m.step.cell] == m.step.value);
}

}  // namespace

std::vector<Law> fault_laws() {
  return {
      {"reuses-what-it-may", "REUSE-1 REUSE-4 WP-1",
       "A write fault keeps an anonymous page iff the rule set's question says so, else copies.",
       "stray", stateless<reuses_what_it_may>},
      {"never-reuses-what-is-not-anon", "REUSE-2",
       "A write fault on the zero page or the page cache in a private mapping copies.", "files",
       stateless<never_reuses_what_is_not_anon>},
      {"reuse-moves-nothing", "REUSE-3",
       "Reuse changes no count, and sets young, dirty, and write only if the area has it.", "force",
       stateless<reuse_moves_nothing>},
      {"survivor-reuses", "EXIT-2",
       "When all other sharers and references are gone, the next write reuses.", "core",
       survivor_reuses},
      {"copy-is-private", "COPY-1", "A copy is one process's alone and holds the old page's bytes.",
       "core", stateless<copy_is_private>},
      {"access-touches-one-entry", "COPY-2 WP-4",
       "An access changes no other entry, of its own or of another process.", "everything",
       stateless<access_touches_one_entry>},
      {"copied-entry-is-dirty", "COPY-3",
       "A copied entry is dirty and young, and writable iff its area is.", "force",
       stateless<copied_entry_is_dirty>},
      {"access-needs-its-area", "WP-5", "An access that the area forbids is segv.", "protection",
       stateless<write_needs_a_writable_area>},
      {"entry-within-its-area", "EXIT-4 REUSE-3", "No entry of a read-only area is writable.",
       "force", stateless<entry_within_its_area>},
      {"writable-private-is-anon", "ISO-1 FILE-1 ZERO-2",
       "A writable private entry maps an anonymous page that no other entry maps.", "everything",
       stateless<writable_private_is_anon>},
      {"hit-changes-no-page", "WP-1", "A hit moves no page and no count.", "everything",
       stateless<hit_changes_no_page>},
      {"permitted-write-hits", "WP-1 WP-4", "A write that its entry permits takes no fault.",
       "everything", stateless<permitted_write_hits>},
      {"accesses-finish", "LIVE-1", "Every access is done after finitely many faults.",
       "everything", stateless<accesses_finish>},
      {"write-is-there", "COPY-1 PIN-4", "What was written stands in the page that is mapped.",
       "everything", stateless<write_is_there>},
  };
}

}  // namespace cow::laws

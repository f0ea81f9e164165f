// References, and accesses by FOLL_FORCE.
#include "laws/law.h"

namespace cow::laws {
namespace {

bool pinned(const Moment& m) { return m.is(Op::pin) && m.accepted(); }

Seen ro_pin_is_exclusive(const Moment& m) {
  if (!pinned(m) || m.step.prot == Prot::rw || !m.step.foll_pin) return Seen::other;
  const PageView& page = m.after.page_at(m.slot());
  if (page.kind != Kind::anon) return Seen::other;
  return holds_if(page.exclusive);
}

Seen long_pin_owns_its_page(const Moment& m) {
  if (!pinned(m) || !m.step.longterm || !m.step.foll_pin) return Seen::other;
  if (m.ledger.ground(m.slot()).shared) return Seen::other;
  const PageView& page = m.after.page_at(m.slot());
  return holds_if(page.kind == Kind::anon && page.exclusive);
}

Seen rw_reference_owns_its_page(const Moment& m) {
  if (!pinned(m) || m.step.prot != Prot::rw) return Seen::other;
  if (m.ledger.ground(m.slot()).shared) return Seen::other;
  const PageView& page = m.after.page_at(m.slot());
  return holds_if(page.kind == Kind::anon && page.mapcount == 1 && m.after.at(m.slot()).writable);
}

Seen reference_shows_the_entry(const Moment& m) {
  if (!pinned(m)) return Seen::other;
  return holds_if(m.after.at(m.slot()).present &&
                  m.after.refs[index(m.step.ref)] == m.after.at(m.slot()).frame);
}

// Until unpin, the frame stays, and stays a page.
Seen reference_keeps_its_frame(const Moment& m) {
  Seen seen = Seen::other;
  for (std::uint32_t k = 0; k < m.before.refs.size(); ++k) {
    const Frame f = m.before.refs[k];
    if (f == kNoFrame || (m.is(Op::unpin) && m.step.ref == Ref{k})) continue;
    if (seen != Seen::broken)
      seen = holds_if(m.after.refs[k] == f && m.after.page(f).kind != Kind::none);
  }
  return seen;
}

Seen unshare_stays_read_only(const Moment& m) {
  const PteView& was = m.before.at(m.slot());
  const bool unshared = pinned(m) && m.step.prot == Prot::ro && was.present &&
                        was.frame != m.after.at(m.slot()).frame;
  if (!unshared) return Seen::other;
  return holds_if(!m.after.at(m.slot()).writable && !m.after.at(m.slot()).dirty &&
                  m.after.page_at(m.slot()).cells == m.before.page_at(m.slot()).cells);
}

Seen forced_write_lands_in_an_own_page(const Moment& m) {
  if (!m.is(Op::force_write) || !m.accepted()) return Seen::other;
  const Ground& g = m.ledger.ground(m.slot());
  if (g.shared) return holds_if(g.prot == Prot::rw);
  const PageView& page = m.after.page_at(m.slot());
  if (page.kind != Kind::anon) return Seen::broken;
  if (page.mapcount != 1) return Seen::broken;
  return holds_if(!m.rules.tracks_exclusive || page.exclusive);
}

// The soft-dirty bit is not shown, so of 6.0's answer only what an accepted entry must be.
Seen forced_write_asks_its_rule(const Moment& m) {
  const PteView& was = m.before.at(m.slot());
  const bool to_read_only = m.is(Op::force_write) && m.accepted() && was.present && !was.writable &&
                            was.share == Share::private_;
  if (!to_read_only) return Seen::other;
  if (m.result.outcome != Outcome::hit)
    return holds_if(m.result.outcome == Outcome::reused || m.result.outcome == Outcome::copied);
  const PageView& page = m.before.page_at(m.slot());
  return holds_if(m.rules.force_accepts_exclusive && page.kind == Kind::anon && page.exclusive);
}

Seen fresh_page_is_exclusive(const Moment& m) {
  if (!m.is(Op::write) || !m.accepted() || m.ledger.ground(m.slot()).shared) return Seen::other;
  return holds_if(m.after.page_at(m.slot()).exclusive);
}

Seen exclusive_is_mapped_once(const Moment& m) {
  Seen seen = Seen::other;
  for (const PageView& page : m.after.pages) {
    if (!page.exclusive) continue;
    if (seen != Seen::broken) seen = holds_if(page.kind == Kind::anon && page.mapcount <= 1);
  }
  return seen;
}

}  // namespace

std::vector<Law> reference_laws() {
  return {
      {"ro-pin-is-exclusive", "PIN-3",
       "A read-only pin of an anonymous page is of an exclusive one.", "references",
       stateless<ro_pin_is_exclusive>, k519 | k615},
      {"long-pin-owns-its-page", "PIN-3",
       "A long-term pin on a private mapping is of an exclusive anonymous page.", "everything",
       stateless<long_pin_owns_its_page>, k615},
      {"rw-reference-owns-its-page", "PIN-4 COH-1",
       "A read-write reference on a private mapping is of an anonymous page mapped once.",
       "references", stateless<rw_reference_owns_its_page>},
      {"reference-shows-the-entry", "PIN-6", "A reference is taken on the page that is mapped.",
       "everything", stateless<reference_shows_the_entry>},
      {"reference-keeps-its-frame", "CNT-2", "A referenced page stays until the reference goes.",
       "everything", stateless<reference_keeps_its_frame>},
      {"unshare-stays-read-only", "PIN-3",
       "Unsharing leaves a clean read-only entry and the same bytes.", "references",
       stateless<unshare_stays_read_only>, k519 | k615},
      {"forced-write-lands-in-an-own-page", "PIN-4 INT-1",
       "A forced write to a private mapping lands in an anonymous page mapped once.", "force",
       stateless<forced_write_lands_in_an_own_page>},
      {"forced-write-asks-its-rule", "FORCE-1",
       "A forced write to a read-only entry faults; since 6.0 it may pass on an exclusive page.",
       "force", stateless<forced_write_asks_its_rule>},
      {"written-page-is-exclusive", "REUSE-4",
       "Where exclusive pages are tracked, a page that was just written is one.", "core",
       stateless<fresh_page_is_exclusive>, k519 | k615},
      {"exclusive-is-mapped-once", "REUSE-4 PIN-3",
       "An exclusive page is anonymous and has one entry at most.", "everything",
       stateless<exclusive_is_mapped_once>, k519 | k615},
  };
}

}  // namespace cow::laws

// Memory that is moved, and memory that is locked.
#include "laws/law.h"

namespace cow::laws {
namespace {

Slot moved(const Step& step, const Slot& s) { return {s.process, step.to, s.page - step.first}; }

Seen moved_entries_stay_as_they_are(const Moment& m) {
  if (!m.is(Op::remap) || !m.accepted()) return Seen::other;
  bool same = m.after.pages == m.before.pages && m.after.rss == m.before.rss &&
              m.after.refs == m.before.refs;
  for (std::uint32_t page = m.step.first; page <= m.step.last; ++page) {
    const Slot s{m.step.process, m.step.region, page};
    same = same && !m.after.at(s).present && !m.after.at(s).swapped &&
           m.after.at(moved(m.step, s)) == m.before.at(s);
  }
  return holds_if(same);
}

Seen references_move_along(const Moment& m) {
  if (!m.is(Op::remap) || !m.accepted()) return Seen::other;
  Seen seen = Seen::other;
  for (std::uint32_t k = 0; k < m.ledger.refs().size(); ++k) {
    const Taken& taken = m.ledger.taken(Ref{k});
    const Slot& owner = taken.owner;
    const bool leaves = taken.live && owner.process == m.step.process &&
                        owner.region == m.step.region && owner.page >= m.step.first &&
                        owner.page <= m.step.last;
    if (!leaves || !m.ideal.is_attached(Ref{k}) || seen == Seen::broken) continue;
    seen = holds_if(m.ideal.owner(Ref{k}) == moved(m.step, owner));
  }
  return seen;
}

Seen locking_brings_memory_in(const Moment& m) {
  if (!m.is(Op::lock) || !m.accepted()) return Seen::other;
  for (std::uint32_t page = m.step.first; page <= m.step.last; ++page) {
    const Slot s{m.step.process, m.step.region, page};
    const Ground& g = m.ledger.ground(s);
    const PteView& is = m.after.at(s);
    if (g.prot == Prot::none || (g.file && !is.present)) return Seen::holds;  // past its end
    if (g.prot == Prot::rw && g.marked) return Seen::holds;  // which nobody answers
    if (!is.present || (g.prot == Prot::rw && !g.shared && !is.writable)) return Seen::broken;
  }
  return Seen::holds;
}

Seen dontneed_asks_for_locks(const Moment& m) {
  const bool takes_pages = m.step.advice == Advice::dontneed || m.step.advice == Advice::pageout ||
                           m.step.advice == Advice::free;
  if (!m.is(Op::advise) || !takes_pages) return Seen::other;
  if (m.result.outcome == Outcome::nosuch) return Seen::other;
  bool locked = false;
  for (std::uint32_t page = m.step.first; page <= m.step.last; ++page)
    locked = locked || m.ledger.ground({m.step.process, m.step.region, page}).locked;
  return holds_if(locked == (m.result.outcome == Outcome::inval));
}

}  // namespace

std::vector<Law> move_laws() {
  return {
      {"moved-entries-stay-as-they-are", "MOVE-1",
       "mremap gives the new place the old one's entries, and changes no page and no count.",
       "everything", stateless<moved_entries_stay_as_they_are>},
      {"references-move-along", "MOVE-2",
       "A reference that is attached to a page stays so when the page moves.", "everything",
       stateless<references_move_along>},
      {"locking-brings-memory-in", "LOCK-1",
       "mlock maps each page, and breaks the sharing of what may be written.", "everything",
       stateless<locking_brings_memory_in>},
      {"dontneed-asks-for-locks", "LOCK-2 ADV-3 FORK-4",
       "Dontneed and pageout are refused where the own process locks a page, and nowhere else.",
       "everything", stateless<dontneed_asks_for_locks>},
  };
}

}  // namespace cow::laws

// Pages that a process gives up by MADV_FREE, and what reclaim then drops.
#include <algorithm>

#include "laws/law.h"

namespace cow::laws {
namespace {

bool gives_up(const Moment& m) { return m.is(Op::advise) && m.step.advice == Advice::free; }

bool is_in_range(const Moment& m, const Slot& s) {
  return s.process == m.step.process && s.region == m.step.region && s.page >= m.step.first &&
         s.page <= m.step.last;
}

// What nobody else maps is clean and old, on the page that it was on; what was swapped out is gone.
Seen what_is_given_up_is_clean(const Moment& m) {
  if (!gives_up(m) || !m.accepted()) return Seen::other;
  Seen seen = Seen::other;
  m.before.for_each([&](const Slot& s, const PteView& was) {
    if (!is_in_range(m, s) || seen == Seen::broken) return;
    const PteView& is = m.after.at(s);
    if (was.swapped) seen = holds_if(!is.swapped && !is.present);
    const bool alone = was.present && m.before.page_at(s).kind == Kind::anon &&
                       m.before.page_at(s).mapcount == 1 && was.swapcount == 0;
    if (alone)
      seen = holds_if(is.present && is.frame == was.frame && is.writable == was.writable &&
                      !is.dirty && !is.young);
  });
  return seen;
}

Seen free_asks_for_its_kind_of_memory(const Moment& m) {
  if (!gives_up(m)) return Seen::other;
  bool any = false, refused = false;
  for (std::uint32_t page = m.step.first; page <= m.step.last; ++page) {
    const Ground& g = m.ledger.ground({m.step.process, m.step.region, page});
    any = any || g.mapped;
    refused = refused || (g.mapped && (g.shared || g.file || g.locked));
  }
  return any ? holds_if(!refused || m.result.outcome == Outcome::inval) : Seen::other;
}

// Pages that reclaim took from an entry and wrote nowhere.
Seen reclaim_drops_what_was_given_up(const Moment& m) {
  const bool reclaims =
      m.is(Op::sys_swapout) || (m.is(Op::advise) && m.step.advice == Advice::pageout);
  if (!reclaims || !m.accepted()) return Seen::other;
  bool dropped = false;
  m.before.for_each([&](const Slot& s, const PteView& was) {
    dropped = dropped || (was.present && !m.after.at(s).present && !m.after.at(s).swapped);
  });
  if (!dropped) return Seen::other;
  return holds_if(std::none_of(m.differs.begin(), m.differs.end(),
                               [](const auto& d) { return d.clause == judge::kLostPage; }));
}

}  // namespace

std::vector<Law> lazyfree_laws() {
  return {
      {"what-is-given-up-is-clean", "ADV-4",
       "MADV_FREE leaves a page that nobody else maps in place, clean and old, and drops what was "
       "swapped out.",
       "given_up", stateless<what_is_given_up_is_clean>},
      {"free-asks-for-its-kind-of-memory", "ADV-4 LOCK-2",
       "MADV_FREE is refused on shared, file and locked memory.", "given_up",
       stateless<free_asks_for_its_kind_of_memory>},
      {"reclaim-drops-what-was-given-up", "SWAP-6",
       "Reclaim drops a page unwritten only where each process that shows it gave it up.",
       "narrow_given_up", stateless<reclaim_drops_what_was_given_up>, kEveryRule, kEveryRule},
  };
}

}  // namespace cow::laws

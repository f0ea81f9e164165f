// Agreement of the machines, and the verdicts: isolation, coherence, no needless copy.
#include <algorithm>

#include "laws/law.h"

namespace cow::laws {
namespace {

using judge::Verdict;

bool differs_in(const Moment& m, std::string_view part) {
  return std::any_of(m.differs.begin(), m.differs.end(), [&](const judge::Disagreement& d) {
    return d.clause.find(part) != std::string::npos;
  });
}

Seen agree(const Moment& m) {
  return holds_if(!differs_in(m, "SAME-") && !differs_in(m, "CNT-") && !differs_in(m, "ERR-"));
}

Seen reads_see_the_ideal_byte(const Moment& m) {
  if (!m.result.has_value) return Seen::other;
  return holds_if(!differs_in(m, "IDEAL-1"));
}

Seen cache_holds_what_was_written(const Moment& m) {
  return holds_if(!differs_in(m, "INT-1") && !differs_in(m, "ZERO-2"));
}

// A frame that more than one entry or any reference holds.
bool contended(const Scene& scene, Frame f) {
  const PageView& page = scene.page(f);
  return page.mapcount > 1 || page.refcount > page.mapcount;
}

Seen own_writes_are_own(const Moment& m) {
  if (!m.writes() || !m.accepted() || m.after.at(m.slot()).share == Share::shared)
    return Seen::other;
  if (m.verdict == Verdict::missed) return Seen::broken;
  const PteView& entry = m.before.at(m.slot());
  return entry.present && contended(m.before, entry.frame) ? Seen::holds : Seen::other;
}

Seen reference_writes_are_own(const Moment& m) {
  if (!m.is(Op::ref_write) || !m.accepted() || !m.ideal.names(m.step.ref)) return Seen::other;
  return holds_if(m.verdict != Verdict::missed);
}

// Cases: faults of an owner to whose page such a reference is attached.
Seen stays(const Moment& m, bool pin, bool write) {
  bool attached = false;
  for (std::uint32_t k = 0; k < m.ledger.refs().size(); ++k) {
    const Taken& taken = m.ledger.taken(Ref{k});
    if (!taken.live || taken.pin != pin || taken.write != write) continue;
    if (std::find(m.parted.begin(), m.parted.end(), Ref{k}) != m.parted.end()) return Seen::broken;
    attached |= m.ideal.is_attached(Ref{k}) && m.accepted() && m.step.op != Op::ref_read &&
                m.ideal.owner(Ref{k}).process == m.step.process;
  }
  return attached ? Seen::holds : Seen::other;
}
Seen rw_pin_stays(const Moment& m) { return stays(m, true, true); }
Seen ro_pin_stays(const Moment& m) { return stays(m, true, false); }
Seen rw_get_stays(const Moment& m) { return stays(m, false, true); }

Seen no_needless_copy(const Moment& m) {
  if (m.verdict == Verdict::unnecessary) return Seen::broken;
  return m.accepted() && m.before.page_at(m.slot()).kind == Kind::anon && m.writes() ? Seen::holds
                                                                                     : Seen::other;
}

}  // namespace

std::vector<Law> agreement_laws() {
  return {
      {"spec-and-impl-agree", "CNT-1 CNT-2 CNT-3 REUSE-4 COPY-4",
       "After every step both machines say one outcome and value, and show one view.", "everything",
       stateless<agree>},
      {"they-agree-when-memory-fails", "ERR-1 ERR-2",
       "Where allocations fail, too, both machines say one outcome and show one view.", "failures",
       stateless<agree>},
      {"they-agree-when-tables-fail", "ERR-1 ERR-3",
       "A page table that cannot be had leaves contents and counts right.", "tables",
       stateless<agree>},
      {"they-agree-when-pages-go-away", "SWAP-1 CNT-5 KSM-1 MIG-1 WP-2",
       "Where pages are swapped out, moved, merged and write-protected both machines show one "
       "view.",
       "reclaim", stateless<agree>},
      {"they-agree-on-pages-given-up", "ADV-4 SWAP-6",
       "Where pages are given up, dropped or kept, both machines show one view.", "given_up",
       stateless<agree>},
      {"they-agree-on-huge-pages", "HUGE-1 HUGE-2 HUGE-4 HUGE-5 HUGE-6",
       "Where pages are huge, or parts of what was, both machines show one view.", "huge",
       stateless<agree>},
      {"they-agree-on-hugetlb", "HUGE-3 HUGE-8 HUGE-9 HUGE-10",
       "Where pages are hugetlb, and few, both machines show one view.", "hugetlb",
       stateless<agree>},
      {"reads-see-the-ideal-byte", "ISO-1 FORK-1 COPY-1",
       "While nothing was missed or wrong, a read sees the byte of the ideal machine.",
       "everything", stateless<reads_see_the_ideal_byte>},
      {"cache-holds-what-was-written", "INT-1 FILE-1 ZERO-2",
       "Zero page and page cache hold what the ideal machine says.", "files",
       stateless<cache_holds_what_was_written>},
  };
}

std::vector<Law> verdict_laws() {
  return {
      {"own-writes-are-own", "ISO-1",
       "No entry and no reference of another object shows a write by its own process.",
       "references", stateless<own_writes_are_own>, kEveryRule, k57},
      {"own-writes-are-own-with-get-rw", "ISO-1",
       "The same where plain read-write gets are kept: no other object shows an own write.",
       "references", stateless<own_writes_are_own>, kEveryRule, k57, true},
      {"pin-writes-are-own", "ISO-2",
       "No entry and no reference of another object shows a write through a pin.", "references",
       stateless<reference_writes_are_own>, kEveryRule, k57},
      {"get-rw-writes-are-own", "ISO-2",
       "No entry and no reference of another object shows a write through a plain get.",
       "references", stateless<reference_writes_are_own>, kEveryRule, kEveryRule, true},
      {"rw-pin-stays", "COH-1", "An attached read-write pin and its owner's entry name one frame.",
       "references", stateless<rw_pin_stays>, kEveryRule, k57 | k514 | k518},
      {"ro-pin-stays", "COH-2", "An attached read-only pin and its owner's entry name one frame.",
       "references", stateless<ro_pin_stays>, kEveryRule, k57 | k514 | k518},
      {"get-rw-stays", "COH-1",
       "An attached plain read-write get and its owner's entry name one frame.", "references",
       stateless<rw_get_stays>, kEveryRule, kEveryRule, true},
      {"no-needless-copy", "MIN-1",
       "Without references, no fault copies an anonymous page that nobody else shows.", "core",
       stateless<no_needless_copy>},
      {"no-needless-copy-with-stray-references", "MIN-1",
       "With stray references and own read-only gets, too, no fault copies an anonymous page that "
       "nobody else shows.",
       "stray", stateless<no_needless_copy>, kEveryRule, k514 | k518 | k519 | k615},
  };
}

}  // namespace cow::laws

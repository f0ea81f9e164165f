// The zero page, files, shared memory, areas.
#include "laws/law.h"

namespace cow::laws {
namespace {

Seen read_of_nothing_maps_the_zero_page(const Moment& m) {
  if (!m.is(Op::read) || m.result.outcome != Outcome::zero) return Seen::other;
  const PteView& is = m.after.at(m.slot());
  return holds_if(is.present && !is.writable && !is.dirty && is.young &&
                  m.after.page(is.frame).kind == Kind::zero && m.result.value == 0 &&
                  m.after.rss == m.before.rss && m.after.allocated == m.before.allocated);
}

Seen zero_page_stays_zero(const Moment& m) {
  Seen seen = Seen::other;
  for (const PageView& page : m.after.pages)
    if (page.kind == Kind::zero && seen != Seen::broken)
      seen = holds_if(page == PageView{Kind::zero});
  return seen;
}

// Contents of the page cache change by a write to a shared mapping, or through its reference,
// alone.
Seen cache_changes_by_shared_writes(const Moment& m) {
  Frame written = kNoFrame;
  if (m.writes() && m.accepted() && m.ledger.ground(m.slot()).shared)
    written = m.after.at(m.slot()).frame;
  if (m.is(Op::ref_write) && m.accepted() && m.ledger.taken(m.step.ref).shared)
    written = m.before.refs[index(m.step.ref)];
  bool any = false;
  for (std::uint32_t f = 0; f < m.before.pages.size(); ++f) {
    const PageView &was = m.before.pages[f], &is = m.after.pages[f];
    const bool cached = was.kind == Kind::file || was.kind == Kind::shmem;
    if (!cached || is.kind != was.kind) continue;
    any = true;
    if (Frame{f} != written && is.cells != was.cells) return Seen::broken;
  }
  return any && m.accepted() && (m.writes() || m.is(Op::ref_write)) ? Seen::holds : Seen::other;
}

Seen first_private_write_takes_a_copy(const Moment& m) {
  const Ground& g = m.ledger.ground(m.slot());
  if (!m.writes() || !m.accepted() || !g.file || g.shared) return Seen::other;
  if (m.before.at(m.slot()).present || m.before.at(m.slot()).swapped) return Seen::other;
  return holds_if(m.result.outcome == Outcome::copied &&
                  m.after.page_at(m.slot()).kind == Kind::anon);
}

Seen shared_writes_never_copy(const Moment& m) {
  if (!m.writes() || !m.accepted() || !m.ledger.ground(m.slot()).shared) return Seen::other;
  const bool kept = m.result.outcome == Outcome::enabled || m.result.outcome == Outcome::hit;
  const PteView& was = m.before.at(m.slot());
  const Kind kind = m.after.page_at(m.slot()).kind;
  return holds_if(kept && (kind == Kind::file || kind == Kind::shmem) &&
                  (!was.present || was.frame == m.after.at(m.slot()).frame));
}

Seen discarded_reads_as_zero(const Moment& m) {
  if (!m.result.has_value || !m.ledger.ground(m.slot()).discarded) return Seen::other;
  if (m.is(Op::ref_read)) return Seen::other;
  return holds_if(m.result.value == 0);
}

// An entry of the range that the step was told of.
bool in_range(const Moment& m, const Slot& s) {
  return s.process == m.step.process && s.region == m.step.region && s.page >= m.step.first &&
         s.page <= m.step.last;
}

Seen protect_gives_no_write(const Moment& m) {
  if (!m.is(Op::protect) || !m.accepted()) return Seen::other;
  Seen seen = Seen::other;
  m.before.for_each([&](const Slot& s, const PteView& was) {
    if (!was.present || was.writable || was.share == Share::shared || seen == Seen::broken) return;
    if (m.ledger.ground(s).locked) return;  // it is written to at once
    if (s.process != m.step.process || s.region != m.step.region) return;
    const PageView& page = m.before.page_at(s);
    const bool may = m.rules.mprotect_restores_write && page.kind == Kind::anon && page.exclusive;
    seen = holds_if(may || !m.after.at(s).writable);
  });
  return seen;
}

// Locked memory that becomes writable is written to.
bool fills_locked_memory(const Moment& m) {
  bool any = false;
  m.before.for_each(
      [&](const Slot& s, const PteView&) { any |= in_range(m, s) && m.ledger.ground(s).locked; });
  return any && m.is(Op::protect);
}

Seen protect_moves_no_page(const Moment& m) {
  const bool takes_pages = m.step.advice == Advice::dontneed || m.step.advice == Advice::pageout ||
                           m.step.advice == Advice::free || m.step.advice == Advice::collapse ||
                           m.step.advice == Advice::unmergeable;
  const bool attributes = m.is(Op::protect) || m.is(Op::sys_clear_refs) || m.is(Op::unlock) ||
                          m.is(Op::uffd_wp) || (m.is(Op::advise) && !takes_pages);
  if (!attributes || !m.accepted() || fills_locked_memory(m)) return Seen::other;
  bool same = m.after.pages == m.before.pages && m.after.rss == m.before.rss;
  m.before.for_each([&](const Slot& s, const PteView& was) {
    const PteView& is = m.after.at(s);
    same = same && is.present == was.present && is.frame == was.frame && is.dirty == was.dirty &&
           is.young == was.young;
  });
  return holds_if(same);
}

Seen protect_opens_shared_entries(const Moment& m) {
  if (!m.is(Op::protect) || !m.accepted() || m.step.prot != Prot::rw) return Seen::other;
  Seen seen = Seen::other;
  m.before.for_each([&](const Slot& s, const PteView& was) {
    if (!in_range(m, s) || !was.present || was.share != Share::shared) return;
    if (m.before.page_at(s).kind != Kind::shmem && !was.dirty) return;
    if (seen != Seen::broken) seen = holds_if(m.after.at(s).writable);
  });
  return seen;
}

Seen clear_refs_takes_write_away(const Moment& m) {
  if (!m.is(Op::sys_clear_refs) || !m.accepted()) return Seen::other;
  bool as_said = true, any = false;
  m.before.for_each([&](const Slot& s, const PteView& was) {
    PteView expected = was;
    if (s.process == m.step.process && was.share == Share::private_) expected.writable = false;
    any = any || was.writable;
    as_said = as_said && m.after.at(s) == expected;
  });
  return as_said && !any ? Seen::other : holds_if(as_said);
}

Seen only_private_memory_is_wiped(const Moment& m) {
  if (!m.is(Op::advise) || m.step.advice != Advice::wipeonfork) return Seen::other;
  bool forbidden = false;
  m.before.for_each([&](const Slot& s, const PteView&) {
    const Ground& g = m.ledger.ground(s);
    forbidden = forbidden || (in_range(m, s) && g.mapped && (g.shared || g.file));
  });
  return forbidden ? holds_if(!m.accepted()) : Seen::other;
}

}  // namespace

std::vector<Law> page_laws() {
  return {
      {"read-of-nothing-maps-the-zero-page", "ZERO-1",
       "A read of empty private anonymous memory maps the zero page read-only, uncounted.", "core",
       stateless<read_of_nothing_maps_the_zero_page>},
      {"zero-page-stays-zero", "ZERO-2", "No step changes the zero page or counts it.",
       "everything", stateless<zero_page_stays_zero>},
      {"cache-changes-by-shared-writes", "INT-1 FILE-1",
       "Only a write to a shared mapping changes the page cache, and only its page.", "everything",
       stateless<cache_changes_by_shared_writes>},
      {"first-private-write-takes-a-copy", "FILE-2",
       "A first write to a private file page maps a copy.", "files",
       stateless<first_private_write_takes_a_copy>},
      {"shared-writes-never-copy", "SHM-1", "A write to a shared mapping keeps the page.", "files",
       stateless<shared_writes_never_copy>},
      {"discarded-reads-as-zero", "EXIT-3",
       "After dontneed, private anonymous memory reads as zero.", "core",
       stateless<discarded_reads_as_zero>},
      {"protect-gives-no-write", "EXIT-4",
       "mprotect makes a private entry writable only where the rule set says so.", "protection",
       stateless<protect_gives_no_write>},
      {"protect-opens-shared-entries", "PROT-1",
       "mprotect to rw makes entries of shared memory, and dirty shared ones, writable.",
       "protection", stateless<protect_opens_shared_entries>},
      {"clear-refs-takes-write-away", "SOFT-1",
       "Clearing soft-dirty makes a process's private entries read-only, and no other change.",
       "protection", stateless<clear_refs_takes_write_away>},
      {"only-private-memory-is-wiped", "ADV-2",
       "wipeonfork is refused on shared and on file memory.", "protection",
       stateless<only_private_memory_is_wiped>},
      {"attributes-move-no-page", "EXIT-4 REUSE-3 ADV-2",
       "mprotect, madvise on fork, clear-refs and write protection move no page and no count.",
       "protection", stateless<protect_moves_no_page>},
  };
}

}  // namespace cow::laws

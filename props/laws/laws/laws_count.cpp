// Counts: recomputed from what is shown, and by the step.
#include <algorithm>
#include <array>

#include "laws/law.h"

namespace cow::laws {
namespace {

// Entries that map each frame.
std::vector<std::uint32_t> mappings(const Scene& scene) {
  std::vector<std::uint32_t> n(scene.pages.size());
  scene.for_each([&](const Slot&, const PteView& entry) {
    if (entry.present) ++n[index(entry.frame)];
  });
  return n;
}

bool counted(const PageView& page) { return page.kind != Kind::none && page.kind != Kind::zero; }

Seen mapcount_is_the_entries(const Moment& m) {
  const std::vector<std::uint32_t> n = mappings(m.after);
  for (std::size_t f = 0; f < n.size(); ++f) {
    const PageView& page = m.after.pages[f];
    if (counted(page) ? page.mapcount != n[f] : n[f] > 0 && page.kind == Kind::none)
      return Seen::broken;
  }
  return Seen::holds;
}

// Before the step, where the ledger knows the references.
Seen refcount_is_the_holders(const Moment& m) {
  std::vector<std::uint32_t> pins(m.before.pages.size()), gets(m.before.pages.size());
  for (std::uint32_t k = 0; k < m.ledger.refs().size(); ++k) {
    const Taken& taken = m.ledger.taken(Ref{k});
    const Frame f = m.before.refs[k];
    if (taken.live != (f != kNoFrame)) return Seen::broken;
    if (f != kNoFrame) ++(taken.pin ? pins : gets)[index(f)];
  }
  for (std::uint32_t f = 0; f < m.before.pages.size(); ++f) {
    const PageView& page = m.before.pages[f];
    if (!counted(page)) continue;
    const bool cached = page.kind != Kind::anon;
    const std::uint64_t held = std::uint64_t{page.mapcount} + gets[f] + m.ledger.strays(Frame{f}) +
                               std::uint64_t{1024} * pins[f];
    const bool evicted = cached && page.kind == Kind::shmem && page.refcount == held;
    const bool swap_cache = !cached && m.ledger.has_swapped() && page.refcount == held + 1;
    if (page.pins != pins[f] || (page.refcount != held + cached && !evicted && !swap_cache))
      return Seen::broken;
  }
  return Seen::holds;
}

Seen rss_is_the_entries(const Moment& m) {
  std::vector<Rss> rss(m.after.rss.size());
  m.after.for_each([&](const Slot& s, const PteView& entry) {
    Rss& r = rss[index(s.process)];
    r.swap += entry.swapped;
    if (!entry.present) return;
    const Kind kind = m.after.page(entry.frame).kind;
    r.anon += kind == Kind::anon;
    r.file += kind == Kind::file;
    r.shmem += kind == Kind::shmem;
  });
  return holds_if(rss == m.after.rss);
}

Seen copying_moves_one_count(const Moment& m) {
  if (!m.writes() || m.result.outcome != Outcome::copied) return Seen::other;
  Rss expected = m.before.rss[index(m.step.process)];
  if (m.before.at(m.slot()).present) {
    const Kind was = m.before.page_at(m.slot()).kind;
    expected.anon -= was == Kind::anon;
    expected.file -= was == Kind::file;
    expected.shmem -= was == Kind::shmem;
  }
  expected.swap -= m.before.at(m.slot()).swapped;
  ++expected.anon;
  return holds_if(m.after.rss[index(m.step.process)] == expected);
}

// Exit, unmap and dontneed: one mapcount and one reference for each entry, and nothing else.
Seen zap_drops_one_of_each(const Moment& m) {
  const bool zaps =
      m.is(Op::exit) || m.is(Op::unmap) || (m.is(Op::advise) && m.step.advice == Advice::dontneed);
  if (!zaps || !m.accepted()) return Seen::other;
  const std::vector<std::uint32_t> was = mappings(m.before), is = mappings(m.after);
  bool any = false;
  for (std::size_t f = 0; f < was.size(); ++f) {
    const PageView &page = m.before.pages[f], &now = m.after.pages[f];
    const std::uint32_t gone = was[f] - is[f];
    if (!counted(page)) continue;
    any |= gone > 0;
    // A page also leaves its cache: of shared memory with the last mapping of all, of swap with the
    // last entry that names its slot.
    const bool swap_cache = page.kind == Kind::anon && m.ledger.has_swapped();
    if (now.kind == Kind::none) {
      const std::uint64_t others = page.refcount - gone;
      if (others != (page.kind == Kind::shmem) && !(swap_cache && others == 1)) return Seen::broken;
      continue;
    }
    const bool evicted =
        (page.kind == Kind::shmem || swap_cache) && now.refcount + 1 + gone == page.refcount;
    if (page.mapcount - now.mapcount != gone) return Seen::broken;
    if (page.refcount - now.refcount != gone && !evicted) return Seen::broken;
  }
  return any ? Seen::holds : Seen::other;
}

Seen zap_leaves_no_entry(const Moment& m) {
  const bool ranged = m.is(Op::unmap) || (m.is(Op::advise) && m.step.advice == Advice::dontneed);
  if ((!ranged && !m.is(Op::exit)) || !m.accepted()) return Seen::other;
  bool any = false, left = false;
  m.before.for_each([&](const Slot& s, const PteView& was) {
    const bool in =
        s.process == m.step.process &&
        (!ranged || (s.region == m.step.region && s.page >= m.step.first && s.page <= m.step.last));
    if (!in || !(was.present || was.swapped)) return;
    any = true;
    left |= m.after.at(s).present || m.after.at(s).swapped;
  });
  return any ? holds_if(!left) : Seen::other;
}

Seen allocated_is_what_is_held(const Moment& m) {
  std::array<std::uint32_t, 6> n{};
  for (const PageView& page : m.after.pages)
    ++n[static_cast<std::size_t>(page.ksm ? Kind::ksm : page.kind)];
  // Cached pages that nobody maps any more may have a frame that was never seen.
  const auto kind = [](Kind k) { return static_cast<std::size_t>(k); };
  return holds_if(n[kind(Kind::anon)] == m.after.allocated[kind(Kind::anon)] &&
                  n[kind(Kind::ksm)] == m.after.allocated[kind(Kind::ksm)] &&
                  n[kind(Kind::file)] <= m.after.allocated[kind(Kind::file)] &&
                  n[kind(Kind::shmem)] <= m.after.allocated[kind(Kind::shmem)]);
}

}  // namespace

std::vector<Law> count_laws() {
  return {
      {"mapcount-is-the-entries", "CNT-1", "A page's mapcount is the number of its entries.",
       "everything", stateless<mapcount_is_the_entries>},
      {"refcount-is-the-holders", "CNT-2",
       "A page's refcount is its mappings, the caches, gets, stray references, 1024 a pin.",
       "everything", stateless<refcount_is_the_holders>},
      {"rss-is-the-entries", "CNT-3 ZERO-1 EXIT-1", "A process's rss counts its entries by kind.",
       "everything", stateless<rss_is_the_entries>},
      {"copying-moves-one-count", "CNT-4",
       "Copying moves one count from the old page's kind to anonymous.", "files",
       stateless<copying_moves_one_count>},
      {"zap-drops-one-of-each", "EXIT-1",
       "Each entry that goes takes one mapcount and one reference along.", "everything",
       stateless<zap_drops_one_of_each>},
      {"zap-leaves-no-entry", "EXIT-1 EXIT-3", "Unmap, exit and dontneed leave no entry.",
       "everything", stateless<zap_leaves_no_entry>},
      {"allocated-is-what-is-held", "CNT-2 ERR-2 ERR-3",
       "Every allocated anonymous page is one that somebody holds.", "everything",
       stateless<allocated_is_what_is_held>},
  };
}

}  // namespace cow::laws

// Refused steps, and the list of all laws.
#include <algorithm>
#include <optional>

#include "laws/law.h"

namespace cow::laws {
namespace {

// What faults twice keeps its first fault: the read fault before an unsharing for which there is no
// memory, and the page that came back before it was to be copied.
bool two_faults(const Moment& m) {
  if (m.before.at(m.slot()).swapped) return true;
  return m.is(Op::pin) && m.rules.unshares_any_long_pin && m.step.longterm &&
         m.step.prot == Prot::ro && !m.before.at(m.slot()).present;
}

// Of these what they have done stays when memory ends.
bool stays_half_done(const Moment& m) {
  const bool unmerges = m.is(Op::advise) && m.step.advice == Advice::unmergeable;
  return (m.is(Op::fork) || m.is(Op::lock) || unmerges) && m.result.outcome == Outcome::oom;
}

Seen refused_changes_nothing(const Moment& m) {
  if (m.accepted() || stays_half_done(m)) return Seen::other;
  const bool out_of_memory =
      m.result.outcome == Outcome::oom ||
      (m.is(Op::force_write) && m.result.outcome == Outcome::segv);  // says nothing else
  if (out_of_memory && two_faults(m)) return Seen::other;
  return holds_if(m.before.same_as(m.after));
}

Seen oom_changes_nothing(const Moment& m) {
  const bool out_of_memory = m.result.outcome == Outcome::oom ||
                             (m.is(Op::force_write) && m.result.outcome == Outcome::segv);
  if (!out_of_memory || stays_half_done(m) || two_faults(m)) return Seen::other;
  return holds_if(m.before.same_as(m.after));
}

bool touches_a_page(Op op) {
  return op == Op::read || op == Op::write || op == Op::force_read || op == Op::force_write ||
         op == Op::pin || op == Op::sys_ref || op == Op::sys_swapout || op == Op::sys_migrate ||
         op == Op::sys_ksm;
}

// How a step is refused by what the steps before it have made; none: not for that.
std::optional<Outcome> refusal(const Moment& m) {
  const Step& s = m.step;
  const bool names_a_reference = s.op >= Op::ref_read && s.op <= Op::unpin;
  if (names_a_reference && !m.ledger.taken(s.ref).live) return Outcome::nosuch;
  if ((s.op == Op::fork || s.op == Op::exit) && !m.before.lives(s.process)) return Outcome::nosuch;
  if (s.op == Op::fork && m.before.lives(s.child)) return Outcome::inval;
  if (!touches_a_page(s.op)) return std::nullopt;
  const Slot other{s.child, s.to, s.at};
  const bool merges = s.op == Op::sys_ksm;
  if (s.first >= m.before.length(s.process, s.region)) return Outcome::nosuch;
  if (merges && s.at >= m.before.length(s.child, s.to)) return Outcome::nosuch;
  if (s.op == Op::pin && m.ledger.taken(s.ref).live) return Outcome::inval;
  if (!m.ledger.ground(m.slot()).mapped) return Outcome::segv;
  if (merges && !m.ledger.ground(other).mapped) return Outcome::segv;
  return std::nullopt;
}

Seen what_is_not_there_is_refused(const Moment& m) {
  const std::optional<Outcome> expected = refusal(m);
  return expected ? holds_if(m.result.outcome == *expected) : Seen::other;
}

// `sys fail alloc 1`, a step that is refused for it, the same step again: now it works.
Watch retry_works() {
  struct Memory {
    Step armed, failed;
    bool is_armed = false, has_failed = false;
  };
  return [memory = Memory{}](const Moment& m) mutable {
    Seen seen = Seen::other;
    if (memory.has_failed && m.step == memory.failed)
      seen = holds_if(m.result.outcome != Outcome::oom);
    memory.has_failed = memory.is_armed && m.result.outcome == Outcome::oom;
    memory.failed = m.step;
    memory.is_armed = m.is(Op::sys_fail_alloc) && m.step.count == 1;
    return seen;
  };
}

}  // namespace

std::vector<Law> error_laws() {
  return {
      {"refused-changes-nothing", "WP-5 ERR-2 ERR-4",
       "A refused step changes no entry, page, count or reference.", "everything",
       stateless<refused_changes_nothing>},
      {"oom-changes-nothing", "ERR-2 COPY-4",
       "A fault that is refused for memory leaves entries and counts as they were.", "failures",
       stateless<oom_changes_nothing>},
      {"what-is-not-there-is-refused", "STEP-1",
       "What does not exist is nosuch, what is not mapped is segv, what exists already is inval.",
       "everything", stateless<what_is_not_there_is_refused>},
      {"retry-works", "ERR-1 ERR-2 ERR-3",
       "A step that one failed allocation refused works when it is tried again.", "retries",
       retry_works},
  };
}

const std::vector<Law>& laws() {
  static const std::vector<Law> all = [] {
    std::vector<Law> list;
    for (const auto& part :
         {agreement_laws(), verdict_laws(), fork_laws(), fault_laws(), count_laws(), page_laws(),
          move_laws(), reclaim_laws(), lazyfree_laws(), reference_laws(), error_laws()})
      list.insert(list.end(), part.begin(), part.end());
    return list;
  }();
  return all;
}

bool answers_to(const Law& law, std::string_view name) {
  if (law.name == name) return true;
  for (std::string_view rest = law.clauses; !rest.empty();) {
    const std::size_t blank = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, blank) == name) return true;
    rest.remove_prefix(std::min(blank + 1, rest.size()));
  }
  return false;
}

}  // namespace cow::laws

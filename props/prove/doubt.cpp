#include "prove/doubt.h"

#include <fmt/core.h>

#include "prove/clock.h"
#include "prove/mutant_table.h"
#include "prove/small_world.h"

namespace cow::prove {

namespace {

// A world in which nothing is mapped, cached, referenced or copied satisfies every clause.
Doubt initial_states(const Rules& rules) {
  const Clock clock;
  World w(rules);
  SmallWorld small;
  const Slot s = Slot::constant("x");
  const Ref k = Ref::constant("x");
  const Thread t = Thread::constant("x");
  const Block b = Block::constant("x");
  const Frame f = Frame::constant("x");
  const VmaId v = VmaId::constant("x");
  const auto e = Symbolic::Swap::constant("x");
  const auto rss = Symbolic::RssKey::constant("x");
  const auto none = [&](const auto& x, const Bool& fact) { small.add(z3::forall(x.e, (!fact).e)); };
  none(s, w.m.area.has(s) || w.m.pte[s].present || w.i.place[s].own || w.m.mapped.in(s) ||
              w.m.rss.in(s) || w.m.swap_pte[s].is_swap || w.m.swapped.in(s) || w.m.uffd[s].wp ||
              w.m.folio.upper(s).huge || w.m.folio.upper(s).table);
  none(k, w.m.ref[k].live || w.i.naming[k].named || w.m.gets.in(k) || w.m.pins.in(k));
  none(t, w.m.copying[t].busy || w.m.temps.in(t) || w.m.fresh.in(t));
  none(b, w.m.block[b].cached || w.i.content[b].written);
  none(e, w.m.swap[e].cached || !(w.m.swapped.count(e) == Int(0)));
  none(v, w.m.vma[v].uffd || w.m.vma[v].hugepage || w.m.vma[v].shared || w.m.vma[v].shmem ||
              w.m.vma[v].anon_vma);
  none(f, w.m.page[f].cached || w.m.page[f].exclusive || w.m.page[f].anon || w.m.page[f].shmem ||
              w.m.more[f].ksm || w.m.more[f].in_cache || is_large(w.m, f) ||
              (w.m.page[f].allocated && f != Symbolic::zero_page()));
  none(f, !(refcount(w.m, f) == Int(0) && w.m.mapped.count(f) == Int(0) &&
            w.m.gets.count(f) == Int(0) && w.m.pins.count(f) == Int(0) &&
            w.m.temps.count(f) == Int(0) && w.m.fresh.count(f) == Int(0)));
  none(rss, !(w.m.rss.count(rss) == Int(0)));
  const Frame zero = Symbolic::zero_page();
  small.add(w.m.page[zero].allocated.e);
  small.add((w.m.page[zero].data == Symbolic::zeros()).e);
  Doubt d{std::string(rules.name), "initial states satisfy every clause", false, "", 0};
  d.settled = small.check() == z3::sat;
  small.push();
  for (const Clause& c : clauses(w)) {
    small.push();
    small.add(!c.body);
    if (small.check() != z3::unsat) {
      d.settled = false;
      d.found = c.name + " does not hold at first\n" + small.state(w);
    }
    small.pop();
  }
  small.pop();
  d.milliseconds = clock.milliseconds();
  return d;
}

void assume_clauses(SmallWorld& small, const World& w) {
  for (const Clause& c : clauses(w)) small.add(for_all_values(c));
}

Doubt two_processes_share(const Rules& rules) {
  const Clock clock;
  World w(rules);
  SmallWorld small;
  assume_clauses(small, w);
  const Slot s = Slot::constant("s"), t = Slot::constant("t");
  small.add((Symbolic::mm_of(s) != Symbolic::mm_of(t)).e);
  small.add((w.m.pte[s].present && w.m.pte[t].present && w.m.pte[s].frame == w.m.pte[t].frame &&
             w.m.page[w.m.pte[s].frame].anon)
                .e);
  Doubt d{std::string(rules.name), "two processes share a page", small.check() == z3::sat, "", 0};
  if (d.settled) d.found = small.state(w);
  d.milliseconds = clock.milliseconds();
  return d;
}

// Each path is taken from a state of the small world. A path that is not is dead only if the
// unbounded proof says so.
void every_step_enabled(const Rules& rules, const std::function<void(const Doubt&)>& tell) {
  World w(rules);
  SmallWorld small(3);  // two pages to merge, and a third that is swapped out
  assume_clauses(small, w);
  z3::solver unbounded = quantified_solver();
  for (const Clause& c : clauses(w)) unbounded.add(for_all_values(c));
  std::string step;
  int taken_paths = 0, dead = 0;
  std::string open;
  Clock clock;
  const auto report = [&] {
    if (step.empty()) return;
    const std::string what =
        fmt::format("step {} is enabled: {} paths taken, {} dead", step, taken_paths, dead);
    tell({std::string(rules.name), what, taken_paths > 0 && open.empty(), open,
          clock.milliseconds()});
  };
  for_each_path(w, [&](const PathTaken& taken) {
    if (taken.step != step) {
      report();
      step = taken.step;
      taken_paths = dead = 0;
      open.clear();
      clock = Clock();
    }
    small.push();
    for (const z3::expr& c : taken.path.conditions()) small.add(c);
    const bool possible = small.check() == z3::sat;
    small.pop();
    taken_paths += possible;
    if (possible) return;
    unbounded.push();
    for (const z3::expr& c : taken.path.conditions()) unbounded.add(c);
    const bool impossible = unbounded.check() == z3::unsat;
    unbounded.pop();
    dead += impossible;
    if (!impossible)
      open += fmt::format("path {} is neither taken nor proved dead\n", taken.number);
  });
  report();
}

// Looks for a state from which the step breaks a clause. Gives the clause and the state.
std::optional<std::pair<std::string, std::string>> refute(World& w, const std::string& step,
                                                          SmallWorld& small) {
  std::optional<std::pair<std::string, std::string>> found;
  for_each_path_of(w, step, [&](const PathTaken& taken) {
    if (found) return;
    small.push();
    for (const z3::expr& c : taken.path.conditions()) small.add(c);
    const auto ask = [&](const Clause& goal) {
      if (found) return;
      small.push();
      small.add(!goal.body);
      if (small.check() == z3::sat) {
        World before(w.m.rules);
        found = {goal.name, small.state(before)};
      }
      small.pop();
    };
    if (small.check() == z3::sat) for_each_goal(taken, [&](const Clause& goal, int) { ask(goal); });
    small.pop();
  });
  return found;
}

void mutants_refuted(const Rules& rules, const std::function<void(const Doubt&)>& tell) {
  World w(rules);
  SmallWorld small;
  assume_clauses(small, w);
  for (const RefutedAt& m : kRefutedAt) {
    if (m.rule != rules.name) continue;
    const Clock clock;
    Symbolic::mutant = m.mutant;
    const auto found = refute(w, std::string(m.step), small);
    Symbolic::mutant = spec::Mutant::none;
    Doubt d{std::string(rules.name), "", found.has_value(), "", clock.milliseconds()};
    d.what = fmt::format("mutant {} refuted at {}{}", m.name, m.step,
                         found ? " by " + found->first : std::string());
    d.found = found ? found->second : "every obligation of the step still holds";
    tell(d);
  }
}

}  // namespace

void doubt(const Rules& rules, const std::function<void(const Doubt&)>& tell) {
  tell(initial_states(rules));
  tell(two_processes_share(rules));
  every_step_enabled(rules, tell);
  mutants_refuted(rules, tell);
}

}  // namespace cow::prove

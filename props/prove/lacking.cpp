// Where a rule set does not have a property, it is proved not to: added to the clauses, the
// property fails at a step, from a state that all of them allow.
#include <fmt/core.h>

#include <array>
#include <chrono>

#include "prove/doubt.h"
#include "prove/small_world.h"

namespace cow::prove {

namespace {

Bool looks(const World& w, const Ref& k) { return w.m.ref[k].live && !w.m.ref[k].stray; }

Bool owner_maps(const World& w, const Ref& k) {
  auto&& pte = w.m.pte[owner(w.i, k)];
  return pte.present && pte.frame == w.m.ref[k].frame;
}

// No reference of another object sees the page that a process may write.
Clause read_only_reference_sees_nothing(const World& w) {
  const Slot s = Slot::constant("x");
  const Ref k = Ref::constant("y");
  const Frame f = w.m.frame_at(s);
  const Bool seen = looks(w, k) && w.m.ref[k].frame == f;
  const Bool may_write =
      w.m.pte[s].present && w.m.pte[s].writable && !w.m.vma[w.m.area.of(s)].shared;
  const Bool own = attached(w.i, k) && owner(w.i, k) == s;
  return {"ISO-1", {s.e, k.e}, implies(may_write && seen, own).e};
}

// An attached pin and its owner's entry name one frame.
Clause pin_keeps_its_page(const World& w, bool write, const char* clause) {
  const Ref k = Ref::constant("x");
  const Bool pin = looks(w, k) && w.m.ref[k].pin && w.m.ref[k].write == write;
  return {clause, {k.e}, implies(pin && attached(w.i, k), owner_maps(w, k)).e};
}

// A writable reference's page is mapped by its owner only, so that nobody else sees the device.
Clause device_writes_unseen(const World& w) {
  const Slot s = Slot::constant("x");
  const Ref k = Ref::constant("y");
  const Bool maps = w.m.pte[s].present && w.m.pte[s].frame == w.m.ref[k].frame;
  const Bool writes = looks(w, k) && w.m.ref[k].write && w.m.page[w.m.ref[k].frame].anon;
  const Bool own = attached(w.i, k) && owner(w.i, k) == s;
  return {"ISO-2", {s.e, k.e}, implies(maps && writes, own).e};
}

Clause property(const World& w, const Lacking& l) {
  const std::string_view clause = l.clause;
  if (clause == "ISO-1") return read_only_reference_sees_nothing(w);
  if (clause == "ISO-2") return device_writes_unseen(w);
  return pin_keeps_its_page(w, clause == "COH-1", l.clause);
}

}  // namespace

const std::vector<Lacking>& lacking() {
  static const std::vector<Lacking> all = {
      {"5.7", "ISO-1", "write", "vmsplice-child-unmaps"},
      {"5.7", "ISO-1", "huge_reuse", "huge-reuse-under-a-reference"},
      {"5.7", "COH-1", "copy_switch", "rw-pin-across-fork-5.7"},
      {"5.7", "COH-2", "copy_switch", "ro-pin-of-shared-page"},
      {"5.14", "ISO-1", "swap_in", "swap-in-ignores-references"},
      {"5.14", "ISO-1", "huge_reuse", "huge-reuse-under-a-reference"},
      {"5.14", "COH-1", "copy_switch", "rw-pin-goes-stale"},
      {"5.14", "COH-2", "copy_switch", "ro-pin-goes-stale"},
      {"5.18", "COH-1", "copy_switch", "rw-pin-goes-stale"},
      {"5.18", "COH-2", "copy_switch", "ro-pin-goes-stale"},
      {"5.7", "ISO-2", "fork", "get-rw-across-fork"},
      {"5.14", "ISO-2", "fork", "get-rw-across-fork"},
      {"5.18", "ISO-2", "fork", "get-rw-across-fork"},
      {"5.19", "ISO-2", "fork", "get-rw-across-fork"},
      {"6.15", "ISO-2", "fork", "get-rw-across-fork"},
  };
  return all;
}

void refute_lacking(const Rules& rules, const std::function<void(const Doubt&)>& tell) {
  World w(rules);
  SmallWorld small;
  for (const Clause& c : clauses(w)) small.add(for_all_values(c));
  for (const Lacking& l : lacking()) {
    if (l.rule != rules.name) continue;
    const auto start = std::chrono::steady_clock::now();
    Doubt d{std::string(rules.name), fmt::format("{} fails at {}", l.clause, l.step), false, "", 0};
    w.reset();
    small.push();
    small.add(for_all_values(property(w, l)));
    for_each_path_of(w, l.step, [&](const PathTaken& taken) {
      if (d.settled) return;
      small.push();
      for (const z3::expr& c : taken.path.conditions()) small.add(c);
      small.add(!property(w, l).body);
      if (small.check() == z3::sat) {
        const World before(rules);
        d.settled = true;
        d.found = small.state(before);
      }
      small.pop();
    });
    small.pop();
    d.milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    tell(d);
  }
}

}  // namespace cow::prove

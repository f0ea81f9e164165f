#include "prove/shortest.h"

#include <set>
#include <string>
#include <utility>

#include "judge/judge.h"
#include "logic/show.h"

namespace cow::prove {

namespace {

// The steps to choose from: one page, two processes, one reference of the kind that the clause is
// about. Fewer kinds of step, and a shortest trace is still shortest among those that use them.
std::vector<Step> alphabet(std::string_view clause) {
  std::vector<Step> steps = {{.op = Op::map, .count = 1},
                             {.op = Op::fork, .child = Pid{1}},
                             {.op = Op::exit, .process = Pid{1}}};
  for (const Pid p : {Pid{0}, Pid{1}}) {
    steps.push_back({.op = Op::write, .process = p, .value = 1});
    steps.push_back({.op = Op::unmap, .process = p});
    steps.push_back({.op = Op::protect, .process = p, .prot = Prot::ro});
    steps.push_back({.op = Op::protect, .process = p, .prot = Prot::rw});
    const bool rw = clause == "ISO-2" || clause == "COH-1";
    steps.push_back({.op = Op::pin,
                     .process = p,
                     .prot = rw ? Prot::rw : Prot::ro,
                     .foll_pin = clause == "COH-1" || clause == "COH-2"});
  }
  if (clause == "ISO-2") steps.push_back({.op = Op::ref_write, .value = 2});
  if (clause == "ISO-1") steps.push_back({.op = Op::sys_swapout});
  return steps;
}

// One huge page, and the references of the process that gives it up.
std::vector<Step> huge_alphabet() {
  constexpr std::uint32_t kPages = spec::kHugePages;
  return {{.op = Op::map, .count = kPages, .huge = true},
          {.op = Op::fork, .child = Pid{1}},
          {.op = Op::write, .value = 1},
          {.op = Op::pin, .process = Pid{1}, .prot = Prot::ro, .foll_pin = false},
          {.op = Op::unmap, .process = Pid{1}, .last = kPages - 1}};
}

// What the next steps can depend on, as text: two equal states have the same futures.
std::string key(const spec::Specification& machine, const spec::IdealMachine& ideal) {
  std::string text;
  const auto add = [&](auto n) { text += std::to_string(static_cast<unsigned long>(n)) + " "; };
  for (const Pid p : {Pid{0}, Pid{1}}) {
    const cow::Slot s{p, Region{0}, 0};
    const PteView v = machine.pte(s);
    add(machine.alive(p)), add(v.mapped), add(v.present);
    if (machine.is_mapped(s)) {
      const auto& vma = machine.m.vma[machine.m.area.of(s)];
      add(vma.write), add(vma.anon_vma);
    }
    add(ideal.owns(s)), add(machine.m.mm[p].has_pinned);
    const auto& away = std::as_const(machine.m).swap_pte[s];
    const auto& slot = std::as_const(machine.m).swap[away.slot];
    add(away.is_swap), add(away.is_swap && slot.cached);
    if (away.is_swap) add(machine.m.swapped.count(away.slot)), add(index(slot.frame));
    if (!v.present) continue;
    const PageView page = machine.page(v.frame);
    add(v.huge), add(index(v.frame)), add(v.writable), add(v.dirty), add(page.kind),
        add(page.exclusive);
    add(page.mapcount), add(page.refcount);
  }
  const cow::Frame f = machine.frame_of(cow::Ref{0});
  if (f != kNoFrame)
    add(index(f)), add(index(ideal.owner(cow::Ref{0}).process)),
        add(ideal.is_attached(cow::Ref{0}));
  return text;
}

struct Run {
  spec::Specification machine;
  judge::Judge<spec::Specification> judge;
  judge::Verdict last = judge::Verdict::none;
  bool accepted = true;

  Run(const Rules& rules, const std::vector<Step>& steps)
      : machine(Setup{}, rules), judge(Setup{}) {
    for (const Step& step : steps) {
      judge.before(machine, step);
      const Result result = machine.run(step);
      last = judge.after(machine, step, result);
      accepted = !refused(result.outcome);
    }
  }
};

}  // namespace

std::optional<std::vector<Step>> shortest_trace(const Rules& rules, std::string_view clause,
                                                std::string_view at, int most) {
  const auto wanted = clause.substr(0, 3) == "ISO" ? judge::Verdict::missed : judge::Verdict::wrong;
  const std::vector<Step> steps = at == "huge_reuse" ? huge_alphabet() : alphabet(clause);
  std::vector<std::vector<Step>> now = {{}};
  std::set<std::string> seen;
  for (int length = 1; length <= most; ++length) {
    std::vector<std::vector<Step>> next;
    for (const std::vector<Step>& before : now) {
      for (const Step& step : steps) {
        std::vector<Step> trace = before;
        trace.push_back(step);
        const Run run(rules, trace);
        if (run.last == wanted) return trace;
        if (run.accepted && seen.insert(key(run.machine, run.judge.ideal())).second)
          next.push_back(std::move(trace));
      }
    }
    now = std::move(next);
  }
  return std::nullopt;
}

}  // namespace cow::prove

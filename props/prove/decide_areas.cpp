// Decisions about areas: what fork copies of them, and which of them merge.
#include "prove/decision_table.h"
#include "spec/machine.h"

namespace cow::prove {

namespace {

using namespace impl;

Step step_of(Op op, Pid process) {
  Step step;
  step.op = op;
  step.process = process;
  return step;
}

// A page in an area of this sort, forked by the specification's machine: has the child an entry?
bool fork_copies(AnonVma anon_vma, bool dontfork, bool wipeonfork) {
  spec::Machine<> machine(Setup{}, kRules.back());
  Pid parent{0};
  Step map = step_of(Op::map, parent);
  map.count = 1;
  machine.run(map);
  machine.run(step_of(anon_vma == AnonVma::none ? Op::read : Op::write, parent));
  const auto fork_to = [&](Pid child) {
    Step fork = step_of(Op::fork, parent);
    fork.child = child;
    machine.run(fork);
  };
  if (anon_vma == AnonVma::inherited) {
    fork_to(Pid{1});
    parent = Pid{1};
  }
  for (const Advice advice : {Advice::dontfork, Advice::wipeonfork}) {
    if (advice == Advice::dontfork ? !dontfork : !wipeonfork) continue;
    Step advise = step_of(Op::advise, parent);
    advise.advice = advice;
    machine.run(advise);
  }
  fork_to(Pid{2});
  return std::as_const(machine.m).pte[cow::Slot{Pid{2}, Region{0}, 0}].present;
}

Decision needs_copy() {
  return {
      "vma_needs_copy",
      "FORK-5",
      [](const Words& w, const RuleWords&) { return impl::vma_needs_copy(w.area, w.anon_vma); },
      [](Facts& m) {
        Truth copied(false);
        for (const AnonVma a : {AnonVma::none, AnonVma::own, AnonVma::inherited})
          for (const bool dontfork : {false, true})
            for (const bool wipe : {false, true})
              copied = copied || (m.here().anon_vma == (a != AnonVma::none) &&
                                  m.here().inherited == (a == AnonVma::inherited) &&
                                  m.here().dontfork == dontfork && m.here().wipeonfork == wipe &&
                                  fork_copies(a, dontfork, wipe));
        return copied;
      },
      {{"areas of their own anon_vma only",
        [](const Words& w, const RuleWords&) {
          return impl::vma_needs_copy(w.area, w.anon_vma) && w.anon_vma == Word<8>(1);
        }},
       {"wipeonfork areas too", [](const Words& w, const RuleWords&) {
          return impl::vma_needs_copy(w.area & Word<32>(~std::uint64_t{kVmWipeOnFork}), w.anon_vma);
        }}}};
}

Decision cow_mapping() {
  return {"is_cow_mapping",
          "FILE-1",
          [](const Words& w, const RuleWords&) { return is_cow_mapping(w.area); },
          [](Facts& m) { return is_private(m, m.s); },
          {{"VM_WRITE asked", [](const Words& w, const RuleWords&) {
              return is_cow_mapping(w.area) && vm_has(w.area, kVmWrite);
            }}}};
}

Truth merges(const RuleWords& r, const Word<8>& piece, const Word<8>& neighbour) {
  return anon_vmas_mergeable(r, piece, neighbour);
}

Decision mergeable() {
  return {"anon_vmas_mergeable",
          "VMA-2",
          [](const Words& w, const RuleWords& r) { return merges(r, w.anon_vma, w.before); },
          [](Facts& m) {
            set_anon_vma(m.vma[AreaId::before], m.words.before);
            return Truth(anon_vma_compatible(m, m.here(), m.vma[AreaId::before]));
          },
          {{"the rule not asked",
            [](const Words& w, const RuleWords& r) {
              RuleWords always = r;
              always.merges_touched_into_empty = Truth(true);
              return merges(always, w.anon_vma, w.before);
            }},
           {"inherited joins none too",
            [](const Words& w, const RuleWords& r) {
              return merges(r, w.anon_vma, w.before) || w.anon_vma == Word<8>(0);
            }},
           {"the other way round",
            [](const Words& w, const RuleWords& r) { return merges(r, w.before, w.anon_vma); }}}};
}

// vma_merge over three areas of one page each, whose flags are equal after the change: the areas
// that are left.
auto areas_after(Facts& m) {
  auto& before = m.vma[AreaId::before];
  auto& after = m.vma[AreaId::after];
  before = after = m.here();
  set_anon_vma(before, m.words.before);
  set_anon_vma(after, m.words.after);
  spec::Runs<AreaId> areas;
  areas.insert({0, 0, AreaId::before});
  areas.insert({1, 1, AreaId::here});
  areas.insert({2, 2, AreaId::after});
  change_area(m, areas, 1, 1, 1, m.here());
  return areas;
}

// The third question refuses nothing that the first two allow, in either text: what a piece may
// join on both sides has one sort of anon_vma, or none on one of them.
Decision neighbours() {
  return {"neighbours_mergeable",
          "VMA-2",
          [](const Words& w, const RuleWords& r) {
            return merges(r, w.anon_vma, w.before) && merges(r, w.anon_vma, w.after) &&
                   neighbours_mergeable(w.before, w.after);
          },
          [](Facts& m) { return Truth(areas_after(m).all().size() == 1); },
          {{"the area after the piece not asked", [](const Words& w, const RuleWords& r) {
              return merges(r, w.anon_vma, w.before) && neighbours_mergeable(w.before, w.after);
            }}}};
}

Decision populates() {
  return {"populates_for_writing",
          "LOCK-1",
          [](const Words& w, const RuleWords&) { return impl::populates_for_writing(w.area); },
          [](Facts& m) { return Truth(spec::populates_for_writing(m, m.s)); },
          {{"VM_WRITE not asked",
            [](const Words& w, const RuleWords&) { return is_cow_mapping(w.area); }},
           {"VM_SHARED not asked",
            [](const Words& w, const RuleWords&) { return vm_has(w.area, kVmWrite); }}}};
}

Decision populates_after_mprotect() {
  return {"mprotect_populates",
          "LOCK-1",
          [](const Words& w, const RuleWords&) {
            return impl::mprotect_populates(w.area_before, w.area);
          },
          [](Facts& m) {
            spec::Vma<FactLogic> was;
            set_area_flags(was, m.words.area_before);
            return Truth(spec::mprotect_populates(was, m.here()));
          },
          {{"VM_LOCKED not asked",
            [](const Words& w, const RuleWords&) {
              return impl::mprotect_populates(w.area_before | Word<32>(kVmLocked), w.area);
            }},
           {"VM_SHARED not asked",
            [](const Words& w, const RuleWords&) {
              return impl::mprotect_populates(w.area_before & Word<32>(~std::uint64_t{kVmShared}),
                                              w.area);
            }},
           {"what could be written before too",
            [](const Words& w, const RuleWords&) {
              return impl::mprotect_populates(w.area_before & Word<32>(~std::uint64_t{kVmWrite}),
                                              w.area);
            }},
           {"what still cannot be written too", [](const Words& w, const RuleWords&) {
              return impl::mprotect_populates(w.area_before, w.area | Word<32>(kVmWrite));
            }}}};
}

}  // namespace

std::vector<Decision> area_decisions() {
  return {needs_copy(), cow_mapping(), mergeable(),
          neighbours(), populates(),   populates_after_mprotect()};
}

std::vector<Decision> all_decisions() {
  std::vector<Decision> all;
  for (const auto& some : {word_decisions(), page_decisions(), feature_decisions(),
                           huge_decisions(), use_decisions(), area_decisions()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace cow::prove

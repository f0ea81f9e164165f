// Decisions about accesses and references: may it be done, and what must happen first.
#include <initializer_list>

#include "prove/decision_table.h"
#include "spec/machine.h"

namespace cow::prove {

namespace {

using namespace impl;

// Does the specification's machine refuse this step on one page mapped so? The answer of every rule
// set, or none where they differ.
std::optional<bool> allows(Prot prot, Share share, Step step) {
  std::optional<bool> answer;
  for (const Rules& rules : kRules) {
    spec::Machine<> machine(Setup{}, rules);
    Step map;
    map.op = Op::map;
    map.prot = prot;
    map.share = share;
    map.count = 1;
    machine.run(map);
    const bool allowed = machine.run(step).outcome != Outcome::segv;
    if (answer && *answer != allowed) return std::nullopt;
    answer = allowed;
  }
  return answer;
}

// The machine's answers as a formula. An input that no case covers may be answered either way, so
// that no decision equals it.
class Cases {
 public:
  void add(const Truth& input, std::optional<bool> answer) {
    if (!answer) return;
    covered_ = covered_ || input;
    if (*answer) yes_ = yes_ || input;
  }
  Truth answer() const { return yes_ || (!covered_ && Truth()); }

 private:
  Truth covered_{false}, yes_{false};
};

Truth mapped_so(const Facts& m, Prot prot, Share share) {
  return m.here().write == (prot == Prot::rw) && m.here().read == (prot != Prot::none) &&
         m.here().shared == (share == Share::shared);
}

void for_each_mapping(const std::function<void(Prot, Share)>& f) {
  for (const Prot prot : {Prot::none, Prot::ro, Prot::rw})
    for (const Share share : {Share::private_, Share::shared}) f(prot, share);
}

Decision access() {
  return {"access_allowed",
          "WP-5",
          [](const Words& w, const RuleWords&) { return access_allowed(w.area, w.write); },
          [](Facts& m) {
            Cases cases;
            for_each_mapping([&](Prot prot, Share share) {
              for (const bool write : {false, true}) {
                Step step;
                step.op = write ? Op::write : Op::read;
                cases.add(mapped_so(m, prot, share) && m.words.write == write,
                          allows(prot, share, step));
              }
            });
            return cases.answer();
          },
          {{"writing needs VM_READ only",
            [](const Words& w, const RuleWords&) { return vm_has(w.area, kVmRead); }}}};
}

// Named by Linux's numbers, apart from the implementation's.
Truth asks_write(const Words& w) { return w.gup.bit<0>(); }
Truth asks_force(const Words& w) { return w.gup.bit<4>(); }
Truth cow_done(const Words& w) { return w.gup.bit<14>(); }
Truth asks_longterm(const Words& w) { return w.gup.bit<16>(); }
Truth asks_pin(const Words& w) { return w.gup.bit<18>(); }

Truth gup_allowed(Facts& m) {
  Cases cases;
  const Words& w = m.words;
  for_each_mapping([&](Prot prot, Share share) {
    for (const bool write : {false, true}) {
      Step force;
      force.op = write ? Op::force_write : Op::force_read;
      const Truth asked = mapped_so(m, prot, share) && asks_write(w) == write;
      cases.add(asked && asks_force(w), allows(prot, share, force));
      for (const bool pin : {false, true})
        for (const bool longterm : {false, true}) {
          Step take;
          take.op = Op::pin;
          take.prot = write ? Prot::rw : Prot::ro;
          take.foll_pin = pin;
          take.longterm = longterm;
          cases.add(asked && !asks_force(w) && asks_pin(w) == pin && asks_longterm(w) == longterm,
                    allows(prot, share, take));
        }
    }
  });
  return cases.answer();
}

Decision gup_area() {
  return {"gup_area_allowed",
          "PIN-4",
          [](const Words& w, const RuleWords&) { return gup_area_allowed(w.area, w.gup); },
          gup_allowed,
          {{"FORCE on shared mappings too",
            [](const Words& w, const RuleWords&) {
              return gup_area_allowed(w.area, w.gup) || foll_has(w.gup, kFollForce);
            }},
           {"FORCE not known", [](const Words& w, const RuleWords&) {
              return gup_area_allowed(w.area, w.gup & Word<32>(~std::uint64_t{kFollForce}));
            }}}};
}

spec::Gup gup_of(const Words& w) {
  return {asks_write(w), asks_pin(w), asks_longterm(w), false, false};
}

Truth follows(const Words& w, const RuleWords& r) {
  return can_follow_write_pte(r, w.area, w.gup, w.entry, w.flags);
}

Decision follow_write() {
  return {"can_follow_write_pte",
          "PIN-4",
          follows,
          [](Facts& m) {
            m.asked_if(m.pte[m.s].present && asks_write(m.words) && !asks_force(m.words));
            return Truth(!gup_needs_fault(m, m.s, gup_of(m.words)));
          },
          {{"dirty read-only entries too", [](const Words& w, const RuleWords& r) {
              return follows(w, r) || pte_dirty(w.entry);
            }}}};
}

// The first two questions are the specification's text; the third restates get_forced of
// spec/machine.h, whose "a fault of this very call found an entry" is FOLL_COW here.
Decision follow_forced() {
  return {"can_follow_write_pte (FORCE)",
          "FORCE-1",
          follows,
          [](Facts& m) {
            const Words& w = m.words;
            m.asked_if(m.pte[m.s].present && asks_write(w) && asks_force(w) && gup_allowed(m));
            return pte_allows(m, m.s, spec::Access::write) || force_accepts(m, m.s) ||
                   (!m.rules.force_accepts_exclusive && cow_done(w) && m.pte[m.s].dirty &&
                    !m.here().write);
          },
          {{"FOLL_COW is enough, as before Dirty COW was mended",
            [](const Words& w, const RuleWords& r) {
              return can_follow_write_pte(r, w.area, w.gup, w.entry | Word<64>(kDirty), w.flags);
            }},
           {"userfaultfd's mark not asked",
            [](const Words& w, const RuleWords& r) {
              return can_follow_write_pte(r, w.area, w.gup, w.entry & Word<64>(~kUffdWp), w.flags);
            }},
           {"dirty is enough",
            [](const Words& w, const RuleWords& r) {
              return can_follow_write_pte(r, w.area, w.gup | Word<32>(kFollCow), w.entry, w.flags);
            }},
           {"soft-dirty not asked",
            [](const Words& w, const RuleWords& r) {
              return can_follow_write_pte(r, w.area, w.gup, w.entry | Word<64>(kSoftDirty),
                                          w.flags);
            }},
           {"exclusive not asked", [](const Words& w, const RuleWords& r) {
              return can_follow_write_pte(r, w.area, w.gup, w.entry, w.flags | Word<8>(kExclusive));
            }}}};
}

Decision unshare() {
  const auto decided = [](const Words& w, const RuleWords& r) {
    return gup_must_unshare(r, w.area, w.gup, w.flags);
  };
  return {"gup_must_unshare",
          "PIN-3",
          decided,
          [](Facts& m) {
            m.asked_if(m.pte[m.s].present);
            return Truth(gup_needs_fault(m, m.s, gup_of(m.words)) == spec::Access::unshare);
          },
          {{"plain gets too",
            [](const Words& w, const RuleWords& r) {
              return gup_must_unshare(r, w.area, w.gup | Word<32>(kFollPin), w.flags);
            }},
           {"exclusive pages too",
            [](const Words& w, const RuleWords& r) {
              const Word<8> not_exclusive(~std::uint64_t{kExclusive});
              return gup_must_unshare(r, w.area, w.gup, w.flags & not_exclusive);
            }},
           {"short pins of the page cache too",
            [](const Words& w, const RuleWords& r) {
              return gup_must_unshare(r, w.area, w.gup | Word<32>(kFollLongterm), w.flags);
            }},
           {"anonymous pages only", [=](const Words& w, const RuleWords& r) {
              return decided(w, r) && page_anon(w.flags);
            }}}};
}

}  // namespace

std::vector<Decision> use_decisions() {
  return {access(), gup_area(), follow_write(), follow_forced(), unshare()};
}

}  // namespace cow::prove

// The two machines side by side, as formulas: the specification and the ideal machine it refines.
#pragma once

#include "prove/clause.h"
#include "prove/symbolic.h"
#include "spec/fork.h"
#include "spec/gup.h"
#include "spec/huge.h"
#include "spec/ideal.h"
#include "spec/ksm.h"
#include "spec/migrate.h"
#include "spec/mlock.h"
#include "spec/mremap.h"
#include "spec/uffd.h"
#include "spec/zap.h"

namespace cow::prove {

using Slot = Symbolic::Slot;
using Frame = Symbolic::Frame;
using VmaId = Symbolic::VmaId;
using Ref = Symbolic::Ref;
using Thread = Symbolic::Thread;
using Mm = Symbolic::Mm;
using Block = Symbolic::Block;

struct World {
  explicit World(const Rules& rules) {
    m.rules = rules;
    i.scene.state = &m;
  }
  World(const World&) = delete;
  spec::State<Symbolic> m;
  spec::Ideal<Symbolic> i;

  // What the running step must show besides the invariants: clauses about the step itself.
  std::vector<Clause> step_goals;
  void goal(const char* clause, const Bool& body, std::vector<z3::expr> over = {}) {
    step_goals.push_back({clause, std::move(over), body.e});
  }

  // Forgets what a step has written: the state before it again.
  void reset() {
    step_goals.clear();
    m.area.reset();
    m.vma.reset(), m.pte.reset(), m.page.reset(), m.block.reset();
    m.mm.reset(), m.ref.reset(), m.copying.reset();
    m.mapped.reset(), m.gets.reset(), m.pins.reset();
    m.temps.reset(), m.fresh.reset(), m.rss.reset();
    m.swap_pte.reset(), m.swap.reset(), m.more.reset(), m.uffd.reset(), m.swapped.reset();
    m.folio.reset();
    i.place.reset(), i.object.reset(), i.content.reset(), i.naming.reset();
  }
};

}  // namespace cow::prove

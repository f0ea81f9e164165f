// The implementation's decisions equal the specification's, over all inputs at their real widths.
//
// The two sides share no text: impl/decisions.h is instantiated with bit-vectors, and spec/*.h runs
// over facts unpacked from the same bit-vectors (prove/facts.h, which also lists what is assumed).
// Where the specification decides in its driver (spec/machine.h), the machine itself runs over the
// few cases there are, and its answers make the formula.
#pragma once

#include <z3++.h>

#include <functional>

#include "cow/rules.h"
#include "prove/doubt.h"
#include "prove/inductive.h"

namespace cow::prove {

// Under one rule set. An obligation's step is the decision's name; clauses are joined with a blank.
Totals prove_equal(const Rules& rules, const std::function<void(const Obligation&)>& tell);
// Under every combination of answers that rules can give at once, named `any`.
Totals prove_equal_any_rules(const std::function<void(const Obligation&)>& tell);

// What is to be proved of each decision: no input makes `differ` true. No rules: any rules.
struct Question {
  Obligation obligation;  // undecided
  z3::expr differ;
  int paths;  // of the specification's text
};
void for_each_question(const Rules* rules, const std::function<void(const Question&)>& ask);

// The proof's own doubt: what is assumed can be true, each decision can go either way under it, and
// each wrong variant of a decision is refuted by an input, which is told.
void doubt_equal(const std::function<void(const Doubt&)>& tell);

}  // namespace cow::prove

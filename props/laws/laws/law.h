// A law: one sentence that must hold at each of its cases, wherever a trace meets one.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "cow/outcome.h"
#include "cow/rules.h"
#include "judge/disagreement.h"
#include "judge/verdict.h"
#include "laws/ledger.h"
#include "laws/scene.h"
#include "logic/ideal_machine.h"

namespace cow::laws {

// One step, from all sides. The ledger is as it was before the step.
struct Moment {
  const Rules& rules;
  const Step& step;
  Result result;
  judge::Verdict verdict;
  const Scene& before;
  const Scene& after;
  const Ledger& ledger;
  const spec::IdealMachine& ideal;      // after the step
  const std::vector<Ref>& parted;       // references that `wrong` is said of, at this step
  const judge::Disagreements& differs;  // of the lockstep, at this step

  [[nodiscard]] Slot slot() const { return {step.process, step.region, step.first}; }
  [[nodiscard]] bool is(Op op) const { return step.op == op; }
  [[nodiscard]] bool writes() const { return is(Op::write) || is(Op::force_write); }
  [[nodiscard]] bool accepted() const { return !refused(result.outcome); }
};

enum class Seen : std::uint8_t { other, holds, broken };  // other: not a case of this law

// Made anew for each trace; may remember what it saw of it.
using Watch = std::function<Seen(const Moment&)>;

using RuleBits = std::uint8_t;  // bit i: kRules[i]
inline constexpr RuleBits kEveryRule = 0b11111;
inline constexpr RuleBits k57 = 1, k514 = 2, k518 = 4, k519 = 8, k615 = 16;

struct Law {
  std::string_view name;
  std::string_view clauses;  // "ISO-1 COPY-2"
  std::string_view text;
  std::string_view profile;  // what its traces are made of
  Watch (*start)();
  RuleBits rules = kEveryRule;
  RuleBits findings = 0;  // rule sets that are known not to have it
  bool get_rw = false;    // its traces take plain read-write gets too
};

// All of them, in the order in which they are told.
const std::vector<Law>& laws();

// The law names a clause, or is called so.
bool answers_to(const Law& law, std::string_view name_or_clause);

// The parts of the list.
std::vector<Law> agreement_laws();
std::vector<Law> verdict_laws();
std::vector<Law> fork_laws();
std::vector<Law> fault_laws();
std::vector<Law> count_laws();
std::vector<Law> page_laws();
std::vector<Law> move_laws();
std::vector<Law> reclaim_laws();
std::vector<Law> lazyfree_laws();
std::vector<Law> reference_laws();
std::vector<Law> error_laws();

// A watch that remembers nothing.
template <Seen (*F)(const Moment&)> Watch stateless() { return F; }
inline Seen holds_if(bool b) { return b ? Seen::holds : Seen::broken; }

}  // namespace cow::laws

// A trace as data: header, steps, expectations and facts, with names turned into dense ids.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cow/ids.h"
#include "cow/rules.h"
#include "cow/step.h"
#include "trace/error.h"
#include "trace/expectation.h"

namespace cow::trace {

// Where something stands in its file. That is not part of what a trace says: all sources are equal.
struct Source {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  bool operator==(const Source&) const { return true; }
};

// The spelling behind each dense id, in the order of first use.
struct NameTable {
  std::vector<std::uint32_t> processes{0};  // indexed by Pid: the n of `Pn`; P0 is always Pid{0}
  std::vector<std::string> regions;         // indexed by Region
  std::vector<std::string> refs;            // indexed by Ref
  std::vector<std::string> files;           // indexed by File, as declared
  bool operator==(const NameTable&) const = default;
};

// A step that the machines take.
struct StepLine {
  Source at;
  Step step;
  Expectation outcome;       // of cow::Outcome
  Expectation value;         // reads: of the byte seen
  std::string binding = {};  // the x of `= ?x`; empty: none
  bool operator==(const StepLine&) const = default;
};

// The first five are cow::Kind.
enum class PageKind : std::uint8_t { none, anon, file, shmem, zero, ksm, swap, migration };

enum class FactKind : std::uint8_t {
  value,        // what a read would see; wanted: bytes
  same_frame,   // slot and other show one frame; nothing wanted
  other_frame,  // they show two
  mapcount,     // wanted: numbers
  refcount,
  pins,
  swapcount,
  writable,  // wanted: 1 for yes, 0 for no
  dirty,
  young,
  exclusive,
  huge,
  kind,   // wanted: PageKind
  rss,    // of slot.process and of_kind; wanted: numbers
  pages,  // of of_kind; wanted: numbers
};

// An `assert` line.
struct Fact {
  Source at;
  FactKind kind = FactKind::value;
  Slot slot;
  Slot other;             // same_frame, other_frame
  std::uint8_t cell = 0;  // value
  PageKind of_kind{};     // rss, pages
  Expectation wanted;
  bool operator==(const Fact&) const = default;
};

// A step of the language that no machine takes yet, kept so that it prints back.
struct Unmodelled {
  Source at;
  Source feature_at;
  std::string feature;  // the word that is not modelled
  std::string text;     // the step in canonical form, without expectations
  Step step;            // what of it a step can say: who, where, and all of a `map`
  std::string binding;  // the x of `= ?x`
  Expectation outcome;
  Expectation value;
  bool operator==(const Unmodelled&) const = default;
};

// `?x = V` or `?x != V`.
struct Comparison {
  std::string name;
  bool equal = true;
  std::uint8_t value = 0;
  bool operator==(const Comparison&) const = default;
};

// In how many executions of the par blocks before it the condition of such a line must hold.
enum class Quantifier : std::uint8_t { never, sometimes, always };

// A `never`, `sometimes` or `always` line. `&` binds closer than `|`.
struct Judgement {
  Source at;
  Quantifier quantifier = Quantifier::never;
  std::vector<std::vector<Comparison>> any_of;  // of each, all must hold
  bool operator==(const Judgement&) const = default;
};

struct Par;
using Item = std::variant<StepLine, Fact, Unmodelled, Judgement, Par>;

// Columns of steps that run concurrently. Within are StepLines and Unmodelled only.
struct Par {
  Source at;
  std::vector<std::uint32_t> schedule;  // empty: none given
  std::vector<std::vector<Item>> columns;
  bool operator==(const Par&) const;
};

// The words of a verdict, sorted; empty: `none`. Of missed, unnecessary, wrong, and clause ids for
// what these do not say.
using Verdict = std::vector<std::string>;

struct Trace {
  std::string file;  // where it was read from; not part of what it says
  std::string name;
  std::string question;  // empty: none
  std::vector<std::string> clauses;
  RuleBits rules = kEveryRule;  // the rule sets that it is for
  std::array<Verdict, kRules.size()> verdicts;
  Setup setup;
  NameTable names;
  std::vector<Item> items;

  [[nodiscard]] bool is_for(std::size_t rule) const { return (rules >> rule & 1u) != 0; }
  bool operator==(const Trace&) const;
};

// The first thing in the trace that no machine takes yet, as a reason to refuse it.
[[nodiscard]] std::optional<Error> first_unmodelled(const Trace& trace);

// A trace of generated steps, whose ids are any numbers: Pid n becomes Pn, Region 0, 1, … become a,
// b, …, Ref n kn, File n Fn. Ids are given anew in the order of first use, as parsing would; fields
// that a step does not name become their defaults.
[[nodiscard]] Trace from_steps(std::string name, std::string question, Setup setup,
                               const std::vector<Step>& steps);

}  // namespace cow::trace

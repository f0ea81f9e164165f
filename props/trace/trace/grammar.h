// The parts of the parser, one for each kind of line. For the parser's own use.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "trace/lexer.h"
#include "trace/names.h"
#include "trace/scan.h"
#include "trace/trace.h"
#include "trace/words.h"

namespace cow::trace {

// A step without its expectations.
struct Draft {
  Step step;
  bool reads = false;  // `= V` may follow
  Word feature;        // the word that no machine takes yet; empty: there is none
  std::string text;    // then: the step in canonical form, without its actor
};

// The step of a process after the actor's name. (process_steps.cpp)
Draft parse_process_step(Line& line, Names& names, Pid actor);
// A whole line: a StepLine or an Unmodelled. (steps.cpp)
Item parse_step(Line& line, Names& names);
// A line that begins with `assert`. (facts.cpp)
Fact parse_fact(Line& line, Names& names);
// From a line that begins with `schedule` or `par` through the line `end`. (par.cpp)
Par parse_par(Line first, Text& text, Names& names);
// A line that begins with `never`, `sometimes` or `always`. (par.cpp)
Judgement parse_judgement(Line& line, const std::set<std::string>& bound);
// The names that `= ?x` binds in the columns of the block. (par.cpp)
std::set<std::string> bindings(const Par& par);

// Reads one element of a set.
using ElementReader = std::uint32_t (*)(const Line& line, Word word);
std::uint32_t read_outcome(const Line& line, Word word);
std::uint32_t read_byte(const Line& line, Word word);
std::uint32_t read_number(const Line& line, Word word);
std::uint32_t read_no_yes(const Line& line, Word word);
std::uint32_t read_kind(const Line& line, Word word);
// What stands after `=` or `->`, up to a `->` or the end of the line. (wanted.cpp)
Expectation parse_wanted(Line& line, ElementReader read);

// Takes the word under the cursor, which must be one of these, and returns which. (wanted.cpp)
std::size_t take_one_of(Line& line, Words words);

// `Pn.A`. (facts.cpp)
struct Where {
  Slot slot;
  std::uint8_t cell = 0;
};
Where take_where(Line& line, Names& names, Extent extent);

}  // namespace cow::trace

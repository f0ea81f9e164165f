// The lines before the first step. For the parser's own use.
#pragma once

#include <string_view>
#include <vector>

#include "trace/grammar.h"
#include "trace/parse.h"

namespace cow::trace {

class Header {
 public:
  Header(Trace& trace, Names& names, NameRule rule) : trace_(trace), names_(names), rule_(rule) {}

  // Takes a header line; false, and nothing is taken, if the line is none.
  bool take(Line& line);
  // What can be told only when all header lines are read: verdicts for rules left out.
  void close();

 private:
  void parse_name(Line& line);
  void parse_question(Line& line);
  void parse_clauses(Line& line);
  void parse_rules(Line& line);
  void keep_verdict(Line& line);
  void parse_file(Line& line);
  void parse_frames(Line& line);
  void parse_verdict(Line& line);
  RuleBits take_verdict_rules(Line& line);

  Trace& trace_;
  Names& names_;
  NameRule rule_;
  std::vector<Line> verdicts_;
  RuleBits judged_ = 0;
  bool has_rules_ = false;
};

}  // namespace cow::trace

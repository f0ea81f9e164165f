// A trace, line by line.
#include "trace/parse.h"

#include <utility>

#include "trace/grammar.h"
#include "trace/header.h"

namespace cow::trace {
namespace {

class Parser {
 public:
  Parser(const std::string& file, std::string_view text, NameRule rule)
      : text_(text), names_(trace_.names), header_(trace_, names_, rule) {
    trace_.file = file;
  }

  Trace parse() {
    while (std::optional<Line> line = text_.next()) parse_line(*line);
    if (trace_.name.empty())
      throw Failure{text_.line() + 1, 1, "expected 'name', found the end of the file"};
    if (in_header_) header_.close();
    return std::move(trace_);
  }

 private:
  void parse_line(Line& line) {
    if (in_header_) {
      if (header_.take(line)) return;
      header_.close();
      in_header_ = false;
    }
    trace_.items.push_back(parse_item(line));
  }

  Item parse_item(Line& line) {
    const std::string_view word = line.word().text;
    if (word == "assert") return parse_fact(line, names_);
    if (find_word(kJudgementWords, word)) return parse_judgement(line, bound_);
    if (word == "par" || word == "schedule") {
      Par par = parse_par(line, text_, names_);
      bound_.merge(bindings(par));
      return par;
    }
    if (find_word(kHeaderWords, word)) line.fail("a step (header lines come before the first)");
    const bool may_be_step = word[0] == 'P' || (word[0] >= 'a' && word[0] <= 'z');
    if (!may_be_step || (is_reserved(word) && word != "sys"))
      line.fail("a step (of a process, a reference or sys), assert or par");
    return parse_step(line, names_);
  }

  Trace trace_;
  Text text_;
  Names names_;
  Header header_;
  std::set<std::string> bound_;
  bool in_header_ = true;
};

}  // namespace

Parsed parse(const std::string& file, std::string_view text, NameRule rule) {
  try {
    return Parser(file, text, rule).parse();
  } catch (const Failure& failure) {
    return Error{file, failure.line, failure.column, failure.message};
  }
}

}  // namespace cow::trace

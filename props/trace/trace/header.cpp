// Header lines.
#include "trace/header.h"

#include <algorithm>

#include "trace/rule_name.h"

namespace cow::trace {
namespace {

bool is_clause(std::string_view word) {
  const std::size_t dash = word.find('-');
  if (dash == 0 || dash == std::string_view::npos || dash + 1 == word.size()) return false;
  const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string_view name = word.substr(0, dash), number = word.substr(dash + 1);
  return letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); }) &&
         std::all_of(number.begin(), number.end(), digit);
}

RuleBits bit(std::size_t rule) { return static_cast<RuleBits>(1u << rule); }

// The file's name without folders and the last extension.
std::string_view stem(std::string_view file) {
  file.remove_prefix(std::min(file.rfind('/') + 1, file.size()));
  const std::size_t dot = file.rfind('.');
  return dot == 0 ? file : file.substr(0, dot);
}

Verdict read_verdict(const Line& line, Word word) {
  if (word.text == "none") return {};
  Verdict verdict;
  for (std::size_t from = 0; from <= word.text.size();) {
    const std::size_t comma = std::min(word.text.find(',', from), word.text.size());
    const Word part{word.text.substr(from, comma - from),
                    word.column + static_cast<std::uint32_t>(from)};
    if (!find_word(kVerdictWords, part.text) && !is_clause(part.text))
      line.fail_at(part, "a verdict (none, missed, wrong, unnecessary, or a clause id)");
    if (std::count(verdict.begin(), verdict.end(), part.text) != 0)
      line.fail_at(part, "each word of a verdict once");
    verdict.emplace_back(part.text);
    from = comma + 1;
  }
  std::sort(verdict.begin(), verdict.end());
  return verdict;
}

}  // namespace

bool Header::take(Line& line) {
  using Parse = void (Header::*)(Line&);
  constexpr std::array<Parse, kHeaderWords.size()> kParse = {
      &Header::parse_name,   &Header::parse_question, &Header::parse_clauses, &Header::parse_rules,
      &Header::keep_verdict, &Header::parse_file,     &Header::parse_frames};
  const std::optional<std::size_t> which = find_word(kHeaderWords, line.word().text);
  if (trace_.name.empty() && line.word().text != "name") line.fail("'name' on the first line");
  if (!which) return false;
  (this->*kParse[*which])(line);
  line.finish();
  return true;
}

void Header::parse_name(Line& line) {
  if (!trace_.name.empty()) line.fail("one line 'name'");
  line.take();
  if (line.done()) line.fail("the name of the trace");
  const Word name = line.take();
  if (rule_ == NameRule::equals_stem && name.text != stem(trace_.file))
    line.fail_at(name, "the file's stem " + in_quotes(stem(trace_.file)));
  trace_.name = name.text;
}

void Header::parse_question(Line& line) {
  if (!trace_.question.empty()) line.fail("one line 'question'");
  trace_.question = line.take_text();
  if (trace_.question.empty()) line.fail("a question");
}

void Header::parse_clauses(Line& line) {
  if (!trace_.clauses.empty()) line.fail("one line 'clauses'");
  line.take();
  do {
    if (!is_clause(line.word().text)) line.fail("a clause id like ISO-1");
    trace_.clauses.emplace_back(line.take().text);
  } while (!line.done());
}

void Header::parse_rules(Line& line) {
  if (has_rules_) line.fail("one line 'rules'");
  has_rules_ = true;
  line.take();
  if (line.accept("all")) return;
  trace_.rules = 0;
  do {
    const std::optional<std::size_t> rule = rule_named(line.word().text);
    if (!rule) line.fail("a rule set (" + rule_names() + ", or all)");
    if (trace_.is_for(*rule)) line.fail("each rule set once");
    trace_.rules |= bit(*rule);
    line.take();
  } while (!line.done());
}

// Read by close(), which knows what `all` means.
void Header::keep_verdict(Line& line) {
  verdicts_.push_back(line);
  while (!line.done()) line.take();
}

void Header::parse_file(Line& line) {
  line.take();
  Piece piece(line, line.word());
  const std::string_view name = piece.upper_name("a file");
  piece.finish("a blank after the file");
  if (!names_.declare(name)) line.fail("each file once");
  line.take();
  FileSetup file;
  file.pages = take_count(line);
  if (line.accept("=")) file.value = static_cast<std::uint8_t>(take_number(line, kByte, "a value"));
  else if (!line.done()) line.fail("'=' or the end of the line");
  trace_.setup.files.push_back(file);
}

void Header::parse_frames(Line& line) {
  if (trace_.setup.frames != kEnoughFrames) line.fail("one line 'frames'");
  line.take();
  trace_.setup.frames = take_count(line);
}

RuleBits Header::take_verdict_rules(Line& line) {
  if (line.accept("all")) return trace_.rules;
  RuleBits rules = 0;
  while (const std::optional<std::size_t> rule = rule_named(line.word().text)) {
    if ((rules & bit(*rule)) != 0) line.fail("each rule set once");
    if (!trace_.is_for(*rule)) line.fail("a rule set that 'rules' names");
    if ((judged_ & bit(*rule)) != 0) line.fail("one verdict for each rule set");
    rules |= bit(*rule);
    line.take();
  }
  if (rules == 0) line.fail("a rule set (" + rule_names() + ", or all)");
  return rules;
}

void Header::parse_verdict(Line& line) {
  line.take();
  const Word first = line.word();
  const RuleBits rules = take_verdict_rules(line);
  if ((rules & judged_) != 0) line.fail_at(first, "one verdict for each rule set");
  judged_ |= rules;
  const Verdict verdict = read_verdict(line, line.word());
  line.take();
  line.finish();
  for (std::size_t i = 0; i < kRules.size(); ++i)
    if ((rules & bit(i)) != 0) trace_.verdicts[i] = verdict;
}

void Header::close() {
  for (Line& line : verdicts_) parse_verdict(line);
}

}  // namespace cow::trace

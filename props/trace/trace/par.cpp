// Columns of steps that run concurrently, and what is said of all their executions.
#include "trace/grammar.h"

namespace cow::trace {
namespace {

Line next_line(Text& text, const std::string& expected) {
  std::optional<Line> line = text.next();
  if (!line)
    throw Failure{text.line() + 1, 1, "expected " + expected + ", found the end of the file"};
  return *line;
}

// The words of a `schedule` line, which are columns of the block.
std::vector<Word> parse_schedule(Line& line) {
  std::vector<Word> points;
  line.expect("schedule");
  do {
    points.push_back(line.word());
    take_number(line, kAnyNumber, "a column");
  } while (!line.done());
  return points;
}

// Only now is it known how many columns there are.
void check_schedule(const Line& line, const std::vector<Word>& points, Par& par) {
  const auto last = static_cast<std::uint32_t>(par.columns.size() - 1);
  for (const Word& point : points)
    par.schedule.push_back(Piece(line, point).number({0, last}, "a column"));
}

std::string binding_of(const Item& item) {
  if (const auto* step = std::get_if<StepLine>(&item)) return step->binding;
  return std::get<Unmodelled>(item).binding;
}

void parse_columns(Text& text, Names& names, Par& par) {
  std::set<std::string> bound;
  par.columns.emplace_back();
  while (true) {
    Line line = next_line(text, "'end' of the par block");
    std::vector<Item>& column = par.columns.back();
    const std::string_view word = line.word().text;
    const bool is_end = word == "end";
    if (!is_end && word != "||") {
      if (word == "assert" || word == "par") line.fail("a step, '||' or 'end'");
      const Word first = line.word();
      column.push_back(parse_step(line, names));
      const std::string name = binding_of(column.back());
      if (!name.empty() && !bound.insert(name).second)
        line.refuse(first, "'?" + name + "' is bound by another step of this block");
      continue;
    }
    if (column.empty()) line.fail("a step in each column");
    line.take();
    line.finish();
    if (is_end) return;
    par.columns.emplace_back();
  }
}

Comparison parse_comparison(Line& line, const std::set<std::string>& bound) {
  Comparison comparison;
  Piece piece(line, line.word());
  if (!piece.accept("?")) line.fail("'?' and a name");
  comparison.name = piece.lower_name("a name after '?'");
  piece.finish("a blank after the name");
  if (bound.count(comparison.name) == 0) line.fail("a name that a step of a par block binds");
  line.take();
  comparison.equal = !line.accept("!=");
  if (comparison.equal && !line.accept("=")) line.fail("'=' or '!='");
  comparison.value = static_cast<std::uint8_t>(take_number(line, kByte, "a value"));
  return comparison;
}

}  // namespace

Par parse_par(Line first, Text& text, Names& names) {
  Par par;
  par.at = {first.number(), first.word().column};
  const bool has_schedule = first.word().text == "schedule";
  std::vector<Word> points;
  Line line = first;
  if (has_schedule) {
    points = parse_schedule(first);
    line = next_line(text, "'par' after 'schedule'");
  }
  line.expect("par");
  line.finish();
  parse_columns(text, names, par);
  check_schedule(first, points, par);
  return par;
}

Judgement parse_judgement(Line& line, const std::set<std::string>& bound) {
  Judgement judgement;
  judgement.at = {line.number(), line.word().column};
  judgement.quantifier = static_cast<Quantifier>(take_one_of(line, kJudgementWords));
  judgement.any_of.push_back({parse_comparison(line, bound)});
  while (!line.done()) {
    if (line.accept("|")) judgement.any_of.emplace_back();
    else if (!line.accept("&")) line.fail("'&', '|' or the end of the line");
    judgement.any_of.back().push_back(parse_comparison(line, bound));
  }
  return judgement;
}

std::set<std::string> bindings(const Par& par) {
  std::set<std::string> bound;
  for (const std::vector<Item>& column : par.columns)
    for (const Item& item : column)
      if (const std::string name = binding_of(item); !name.empty()) bound.insert(name);
  return bound;
}

}  // namespace cow::trace

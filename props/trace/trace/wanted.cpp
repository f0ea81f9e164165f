// Expectations: a word, a set, `-`, or these by rule set.
#include <utility>

#include "trace/grammar.h"
#include "trace/rule_name.h"

namespace cow::trace {
namespace {

constexpr std::size_t kMaxSet = 256;  // as many as a byte has values

Word part_of(Word word, std::size_t from, std::size_t length) {
  return {word.text.substr(from, length), word.column + static_cast<std::uint32_t>(from)};
}

// `{a,b}`, `a` or `-`; the last is the empty set.
std::vector<std::uint32_t> read_set(const Line& line, Word word, ElementReader read) {
  if (word.text == "-") return {};
  if (!word.text.starts_with('{')) return {read(line, word)};
  if (!word.text.ends_with('}')) line.fail_at(word, "'}' at the end of the set");
  std::vector<std::uint32_t> all;
  const std::size_t end = word.text.size() - 1;
  for (std::size_t from = 1; from <= end;) {
    const std::size_t comma = std::min(word.text.find(',', from), end);
    if (comma == from)
      line.refuse(part_of(word, from, 1), "expected a word of the set, found none");
    if (all.size() == kMaxSet) line.fail_at(word, "at most 256 words in a set");
    all.push_back(read(line, part_of(word, from, comma - from)));
    from = comma + 1;
  }
  return all;
}

// Adds `RULE:SET`; keeps what stands for `*` until all others are known.
struct ByRule {
  Expectation wanted;
  std::optional<std::vector<std::uint32_t>> others;

  void add(const Line& line, Word word, ElementReader read) {
    const std::size_t colon = word.text.find(':');
    const Word name = part_of(word, 0, std::min(colon, word.text.size()));
    const bool other = name.text == "*";
    const std::optional<std::size_t> rule = rule_named(name.text);
    if (!other && !rule)
      line.fail_at(name, "a rule set (" + rule_names() + ", or * for every other)");
    if (colon == std::string_view::npos) line.fail_at(word, "':' after the rule set");
    if (other ? others.has_value() : wanted.find(*rule) != nullptr)
      line.fail_at(name, "each rule set once");
    std::vector<std::uint32_t> set =
        read_set(line, part_of(word, colon + 1, std::string_view::npos), read);
    if (other) others = std::move(set);
    else wanted.add(static_cast<RuleBits>(1u << *rule), std::move(set));
  }
};

}  // namespace

Expectation parse_wanted(Line& line, ElementReader read) {
  if (line.done() || line.word().text == "->") read(line, {{}, line.word().column});
  ByRule by_rule;
  if (line.word().text.find(':') == std::string_view::npos) {
    by_rule.wanted.add(kEveryRule, read_set(line, line.word(), read));
    line.take();
    return by_rule.wanted;
  }
  while (!line.done() && line.word().text != "->") {
    by_rule.add(line, line.word(), read);
    line.take();
  }
  if (by_rule.others)
    by_rule.wanted.add(kEveryRule & static_cast<RuleBits>(~by_rule.wanted.rules()),
                       *by_rule.others);
  return by_rule.wanted;
}

namespace {

std::uint32_t read_word(const Line& line, Word word, Words words, const std::string& what) {
  const std::optional<std::size_t> found = find_word(words, word.text);
  if (!found || word.text.empty()) line.fail_at(word, what + " (" + one_of(words) + ")");
  return static_cast<std::uint32_t>(*found);
}

std::uint32_t read_bounded(const Line& line, Word word, Bounds bounds, const std::string& what) {
  Piece piece(line, word);
  const std::uint32_t value = piece.number(bounds, what);
  piece.finish("a blank after " + what);
  return value;
}

}  // namespace

std::uint32_t read_outcome(const Line& line, Word word) {
  return read_word(line, word, kOutcomeWords, "an outcome");
}

std::uint32_t read_byte(const Line& line, Word word) {
  return read_bounded(line, word, kByte, "a value");
}

std::uint32_t read_number(const Line& line, Word word) {
  return read_bounded(line, word, kAnyNumber, "a number");
}

std::uint32_t read_no_yes(const Line& line, Word word) {
  return read_word(line, word, kNoYes, "an answer");
}

std::uint32_t read_kind(const Line& line, Word word) {
  return read_word(line, word, kKindWords, "a kind");
}

std::size_t take_one_of(Line& line, Words words) {
  const std::optional<std::size_t> found = find_word(words, line.word().text);
  if (!found || line.done()) line.fail(one_of(words));
  line.take();
  return *found;
}

}  // namespace cow::trace

// A whole trace as text.
#include "trace/print.h"

#include <algorithm>
#include <bit>

#include "trace/words.h"

namespace cow::trace {
namespace {

constexpr std::size_t kKeyWidth = 10;      // header values start in this column
constexpr std::size_t kOutcomeWidth = 26;  // and outcomes, where the step is shorter

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

// A very long value gets no padding, so that a line within the limit stays within it.
std::string header_line(std::string_view key, const std::string& value) {
  constexpr std::size_t kLong = 1000;
  return padded(std::string(key), value.size() > kLong ? 0 : kKeyWidth) + value + "\n";
}

std::string rule_words(RuleBits rules) {
  std::string text;
  for (std::size_t i = 0; i < kRules.size(); ++i)
    if ((rules >> i & 1u) != 0) text += std::string(kRules[i].name) + " ";
  return text;
}

bool has_verdict(const Trace& trace) {
  return std::any_of(trace.verdicts.begin(), trace.verdicts.end(),
                     [](const Verdict& verdict) { return !verdict.empty(); });
}

// One line for each verdict, in the order of the first rule set that shows it.
std::string verdict_lines(const Trace& trace) {
  if (!has_verdict(trace)) return {};
  std::string text;
  RuleBits told = 0;
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    RuleBits same = 0;
    for (std::size_t j = i; j < kRules.size(); ++j)
      if (trace.is_for(j) && trace.verdicts[j] == trace.verdicts[i])
        same |= static_cast<RuleBits>(1u << j);
    if (!trace.is_for(i) || (told >> i & 1u) != 0) continue;
    told |= same;
    const std::string rules = same == trace.rules ? "all " : rule_words(same);
    text += header_line("verdict", rules + print(trace.verdicts[i]));
  }
  return text;
}

std::string header(const Trace& trace) {
  std::string text = header_line("name", trace.name);
  if (!trace.question.empty()) text += header_line("question", trace.question);
  if (!trace.clauses.empty()) {
    std::string clauses;
    for (const std::string& clause : trace.clauses)
      clauses += (clauses.empty() ? "" : " ") + clause;
    text += header_line("clauses", clauses);
  }
  if (trace.rules != kEveryRule) {
    std::string rules = rule_words(trace.rules);
    rules.pop_back();
    text += header_line("rules", rules);
  }
  text += verdict_lines(trace);
  for (std::size_t i = 0; i < trace.setup.files.size(); ++i) {
    const FileSetup& file = trace.setup.files[i];
    const std::string value = file.value == 0 ? "" : " = " + std::to_string(file.value);
    text += header_line("file", trace.names.files[i] + " " + std::to_string(file.pages) + value);
  }
  if (trace.setup.frames != kEnoughFrames)
    text += header_line("frames", std::to_string(trace.setup.frames));
  return text;
}

std::string with_expectations(std::string text, const Expectation& value,
                              const std::string& binding, const Expectation& outcome) {
  if (!binding.empty()) text += " = ?" + binding;
  if (!value.empty()) text += " = " + print(value, spell_number);
  if (!outcome.empty()) text = padded(text, kOutcomeWidth) + "-> " + print(outcome, spell_outcome);
  return text + "\n";
}

std::string spell_no_yes(std::uint32_t answer) { return std::string(kNoYes[answer]); }
std::string spell_kind(std::uint32_t kind) { return std::string(kKindWords[kind]); }

struct ItemPrinter {
  const NameTable& names;

  std::string operator()(const StepLine& line) const {
    return with_expectations(print(line.step, names), line.value, line.binding, line.outcome);
  }
  std::string operator()(const Unmodelled& line) const {
    return with_expectations(line.text, line.value, line.binding, line.outcome);
  }
  std::string operator()(const Judgement& line) const {
    std::string text(kJudgementWords[index_of(line.quantifier)]);
    const char* between = " ";
    for (const std::vector<Comparison>& all : line.any_of) {
      for (const Comparison& one : all) {
        text += between + print(one);
        between = " & ";
      }
      between = " | ";
    }
    return text + "\n";
  }
  std::string operator()(const Fact& fact) const {
    if (fact.kind == FactKind::same_frame || fact.kind == FactKind::other_frame) {
      const bool same = fact.kind == FactKind::same_frame;
      return "assert frame " + slot_text(fact.slot, names) + (same ? " == " : " != ") +
             slot_text(fact.other, names) + "\n";
    }
    return "assert " + subject(fact) + " = " + print(fact.wanted, speller_of(fact.kind)) + "\n";
  }
  std::string operator()(const Par& par) const {
    std::string text;
    if (!par.schedule.empty()) {
      text = "schedule";
      for (const std::uint32_t point : par.schedule) text += " " + std::to_string(point);
      text += "\n";
    }
    std::string separator = "par\n";
    for (const std::vector<Item>& column : par.columns) {
      text += separator;
      for (const Item& item : column) text += print(item, names);
      separator = "||\n";
    }
    return text + "end\n";
  }

 private:
  [[nodiscard]] std::string subject(const Fact& fact) const {
    const std::string word(kFactWords[index_of(fact.kind)]);
    const std::string kind(kKindWords[index_of(fact.of_kind)]);
    if (fact.kind == FactKind::rss)
      return word + " " + process_text(fact.slot.process, names) + " " + kind;
    if (fact.kind == FactKind::pages) return word + " " + kind;
    if (fact.kind != FactKind::value) return word + " " + slot_text(fact.slot, names);
    const std::string cell = fact.cell == 0 ? "" : "." + std::to_string(fact.cell);
    return slot_text(fact.slot, names) + cell;
  }
};

// The share of `*`: what most rule sets expect, if every one expects something.
RuleBits rules_of_star(const Expectation& wanted) {
  if (wanted.rules() != kEveryRule) return 0;
  for (const Wanted& one : wanted.all())
    if (std::popcount(one.rules) > static_cast<int>(kRules.size()) / 2) return one.rules;
  return 0;
}

}  // namespace

std::string spell_outcome(std::uint32_t outcome) { return std::string(kOutcomeWords[outcome]); }
std::string spell_number(std::uint32_t number) { return std::to_string(number); }

SpellElement speller_of(FactKind kind) {
  switch (kind) {
    case FactKind::writable:
    case FactKind::dirty:
    case FactKind::young:
    case FactKind::exclusive:
    case FactKind::huge: return spell_no_yes;
    case FactKind::kind: return spell_kind;
    default: return spell_number;
  }
}

std::string print(const Wanted& wanted, SpellElement spell) {
  if (wanted.any_of.empty()) return "-";
  if (wanted.any_of.size() == 1) return spell(wanted.any_of.front());
  std::string text;
  for (const std::uint32_t element : wanted.any_of)
    text += (text.empty() ? "{" : ",") + spell(element);
  return text + "}";
}

std::string print(const Expectation& wanted, SpellElement spell) {
  if (wanted.empty()) return {};
  if (wanted.all().front().rules == kEveryRule) return print(wanted.all().front(), spell);
  const RuleBits star = rules_of_star(wanted);
  std::string text;
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    const Wanted* one = wanted.find(i);
    if (one == nullptr || one->rules == star) continue;
    text += std::string(kRules[i].name) + ":" + print(*one, spell) + " ";
  }
  for (const Wanted& one : wanted.all())
    if (one.rules == star) return text + "*:" + print(one, spell);
  text.pop_back();
  return text;
}

std::string print(const Comparison& comparison) {
  return "?" + comparison.name + (comparison.equal ? " = " : " != ") +
         std::to_string(comparison.value);
}

std::string print(const Verdict& verdict) {
  if (verdict.empty()) return "none";
  std::string text;
  const auto add = [&](std::string_view word) {
    text.append(text.empty() ? "" : ",").append(word);
  };
  for (const std::string_view word : kVerdictWords)
    if (std::binary_search(verdict.begin(), verdict.end(), word)) add(word);
  for (const std::string& word : verdict)
    if (!find_word(kVerdictWords, word)) add(word);
  return text;
}

std::string print(const Item& item, const NameTable& names) {
  return std::visit(ItemPrinter{names}, item);
}

std::string print(const Trace& trace) {
  std::string text = header(trace);
  if (!trace.items.empty()) text += "\n";
  for (const Item& item : trace.items) text += print(item, trace.names);
  return text;
}

}  // namespace cow::trace

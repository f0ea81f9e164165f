// Look-up among the words of the language.
#include "trace/words.h"

#include <algorithm>
#include <set>

namespace cow::trace {
namespace {

// Words that stand in no list of words.h.
constexpr std::string_view kOtherWords[] = {
    "map",     "unmap",  "protect", "remap",   "lock",  "unlock",   "advise",   "fork",
    "exit",    "read",   "write",   "pin",     "unpin", "sys",      "ref",      "unref",
    "fail",    "alloc",  "table",   "par",     "end",   "schedule", "at",       "thp",
    "hugetlb", "on",     "off",     "get",     "long",  "fast",     "slow",     "ksm",
    "all",     "assert", "migrate", "swapout", "of",    "frame",    "complete", "swapcache"};

std::set<std::string_view> reserved_words() {
  std::set<std::string_view> all(std::begin(kOtherWords), std::end(kOtherWords));
  const Words lists[] = {kOutcomeWords, kProtWords, kShareWords,     kAdviceWords, kKindWords,
                         kFactWords,    kNoYes,     kJudgementWords, kHeaderWords, kVerdictWords};
  for (const Words& list : lists) all.insert(list.begin(), list.end());
  return all;
}

}  // namespace

std::optional<std::size_t> find_word(Words words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - words.begin());
}

bool is_reserved(std::string_view word) {
  static const std::set<std::string_view> words = reserved_words();
  return words.count(word) != 0;
}

std::string one_of(Words words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace cow::trace

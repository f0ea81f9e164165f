// The words of the language, each list once.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cow/outcome.h"
#include "cow/step.h"
#include "trace/trace.h"

namespace cow::trace {

using Words = std::span<const std::string_view>;

// Indexed by cow::Outcome.
inline constexpr std::array<std::string_view, 16> kOutcomeWords = {
    "ok",      "hit",  "zero", "fresh",  "filled", "copied", "reused", "enabled",
    "swapped", "uffd", "segv", "sigbus", "oom",    "nosuch", "inval",  "busy"};
static_assert(kOutcomeWords[static_cast<std::size_t>(Outcome::busy)] == "busy");

// Indexed by cow::Prot.
inline constexpr std::array<std::string_view, 3> kProtWords = {"none", "ro", "rw"};
// Indexed by Step::on.
inline constexpr std::array<std::string_view, 2> kSwitchWords = {"off", "on"};
// Indexed by cow::Share.
inline constexpr std::array<std::string_view, 2> kShareWords = {"private", "shared"};
// Indexed by cow::Advice, then the words that are not modelled.
inline constexpr std::array<std::string_view, 12> kAdviceWords = {
    "dontneed",  "pageout",     "dontfork", "dofork",     "wipeonfork", "keeponfork",
    "mergeable", "unmergeable", "hugepage", "nohugepage", "free",       "collapse"};
inline constexpr std::size_t kModelledAdvice = 12;
static_assert(kAdviceWords[static_cast<std::size_t>(Advice::collapse)] == "collapse");
// Indexed by PageKind.
inline constexpr std::array<std::string_view, 8> kKindWords = {"none", "anon", "file", "shmem",
                                                               "zero", "ksm",  "swap", "migration"};
// Indexed by FactKind; the first three are not told by their word alone.
inline constexpr std::array<std::string_view, 15> kFactWords = {
    "",      "frame", "frame",     "mapcount", "refcount", "pins", "swapcount", "writable",
    "dirty", "young", "exclusive", "huge",     "kind",     "rss",  "pages"};
static_assert(kFactWords[static_cast<std::size_t>(FactKind::pages)] == "pages");
inline constexpr std::array<std::string_view, 2> kNoYes = {"no", "yes"};
inline constexpr std::array<std::string_view, 3> kJudgementWords = {"never", "sometimes", "always"};
inline constexpr std::array<std::string_view, 7> kHeaderWords = {
    "name", "question", "clauses", "rules", "verdict", "file", "frames"};
// In the order in which they are said.
inline constexpr std::array<std::string_view, 3> kVerdictWords = {"missed", "wrong", "unnecessary"};

[[nodiscard]] std::optional<std::size_t> find_word(Words words, std::string_view word);
// No region, reference or binding has such a name: every word of the language that could be one.
[[nodiscard]] bool is_reserved(std::string_view word);
// `a, b or c`.
[[nodiscard]] std::string one_of(Words words);

template <class Enum> constexpr std::size_t index_of(Enum value) {
  return static_cast<std::size_t>(value);
}

}  // namespace cow::trace

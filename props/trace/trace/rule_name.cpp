// Kernel versions and rule sets.
#include "trace/rule_name.h"

#include <array>
#include <charconv>
#include <utility>

#include "cow/rules.h"

namespace cow::trace {
namespace {

using Version = std::pair<unsigned, unsigned>;

// Takes a number off the front of the text.
std::optional<unsigned> take_part(std::string_view& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take_dot(std::string_view& text) {
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

// What a distribution adds, as in 5.10.0-32-amd64 or 6.1.0+.
bool is_suffix(std::string_view text) {
  return text.empty() || text.front() == '-' || text.front() == '+';
}

std::optional<Version> parse_version(std::string_view text) {
  const std::optional<unsigned> major = take_part(text);
  if (!major || !take_dot(text)) return std::nullopt;
  const std::optional<unsigned> minor = take_part(text);
  if (!minor) return std::nullopt;
  while (take_dot(text))
    if (!take_part(text)) return std::nullopt;
  if (!is_suffix(text)) return std::nullopt;
  return Version{*major, *minor};
}

struct Span {
  Version first, last;
  std::string_view rule;
};
constexpr unsigned kNewest = 0xffffffff;
constexpr std::array<Span, 5> kSpans = {{
    {{5, 1}, {5, 7}, "5.7"},
    {{5, 9}, {5, 17}, "5.14"},
    {{5, 18}, {5, 18}, "5.18"},
    {{5, 19}, {5, 19}, "5.19"},
    {{6, 0}, {kNewest, kNewest}, "6.15"},
}};

}  // namespace

std::optional<std::size_t> rule_named(std::string_view name) {
  for (std::size_t i = 0; i < kRules.size(); ++i)
    if (kRules[i].name == name) return i;
  return std::nullopt;
}

std::string rule_names() {
  std::string names;
  for (const Rules& rules : kRules) names.append(names.empty() ? "" : ", ").append(rules.name);
  return names;
}

std::optional<std::size_t> rule_for_kernel(std::string_view version) {
  const std::optional<Version> parsed = parse_version(version);
  if (!parsed) return std::nullopt;
  for (const Span& span : kSpans)
    if (span.first <= *parsed && *parsed <= span.last) return rule_named(span.rule);
  return std::nullopt;
}

}  // namespace cow::trace

#include "kernel/beyond.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cow::kernel {
namespace {

struct Known {
  std::string_view feature;
  Beyond beyond;
};
constexpr std::array kDone = {
    Known{"remap", Beyond::remap},         Known{"lock", Beyond::lock},
    Known{"unlock", Beyond::unlock},       Known{"free", Beyond::free},
    Known{"mergeable", Beyond::mergeable}, Known{"unmergeable", Beyond::unmergeable},
    Known{"hugepage", Beyond::hugepage},   Known{"nohugepage", Beyond::nohugepage},
    Known{"pageout", Beyond::pageout},     Known{"collapse", Beyond::collapse},
    Known{"thp", Beyond::map_huge}};

struct Skipped {
  std::string_view feature, reason;
};
constexpr std::array kSkipped = {
    Skipped{"uffd-wp", "uffd-wp: not replayed yet"},
    Skipped{"hugetlb", "map hugetlb: needs huge pages that are set aside"},
    Skipped{"swapout", "sys swapout: needs swap"},
    Skipped{"migrate", "sys migrate: no user process can cause it on one node"},
    Skipped{"ksm", "sys ksm: needs KSM to run"}};

}  // namespace

std::variant<AnyStep, std::string> step_beyond(const trace::Unmodelled& item) {
  const std::string& word = item.feature;
  if (word.starts_with('P')) return word + ": a process has one thread";
  if (!item.binding.empty()) return "?" + item.binding + ": values are bound within par";
  for (const Known& known : kDone)
    if (known.feature == word) return AnyStep{item.step, known.beyond, item.to};
  for (const Skipped& skipped : kSkipped)
    if (skipped.feature == word) return std::string(skipped.reason);
  return word + ": not replayed";
}

AnySteps any_steps_of(const trace::Trace& trace) {
  AnySteps out;
  for (const trace::Item& item : trace.items) {
    if (const auto* line = std::get_if<trace::StepLine>(&item)) {
      out.steps.push_back({line->step});
      out.lines.push_back(line->at.line);
    } else if (const auto* other = std::get_if<trace::Unmodelled>(&item)) {
      auto step = step_beyond(*other);
      if (const auto* why = std::get_if<std::string>(&step)) {
        out.cannot = *why;
        out.cannot_line = other->at.line;
        return out;
      }
      out.steps.push_back(std::get<AnyStep>(step));
      out.lines.push_back(other->at.line);
    }
  }
  return out;
}

std::string first_beyond(const trace::Trace& trace) {
  for (const trace::Item& item : trace.items)
    if (const auto* other = std::get_if<trace::Unmodelled>(&item)) return other->feature;
  return "";
}

std::vector<Step> places_of(const std::vector<AnyStep>& steps) {
  std::vector<Step> out;
  for (const AnyStep& any : steps) {
    Step step = any.step;
    if (any.beyond != Beyond::none && any.beyond != Beyond::map_huge) step.op = Op::unmap;
    out.push_back(step);
    if (any.beyond != Beyond::remap) continue;
    step.op = Op::map;
    step.region = any.to;
    step.count = step.last - step.first + 1;
    out.push_back(step);
  }
  return out;
}

}  // namespace cow::kernel

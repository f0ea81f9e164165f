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
    Known{"thp", Beyond::map_huge},        Known{"hugetlb", Beyond::map_hugetlb},
    Known{"swapout", Beyond::swap_out},    Known{"ksm", Beyond::merge}};

}  // namespace

std::variant<AnyStep, std::string> step_beyond(const trace::Unmodelled& item) {
  const std::string& word = item.feature;
  if (word.starts_with('P')) return word + ": a process has one thread";
  if (!item.binding.empty()) return "?" + item.binding + ": values are bound within par";
  if (word == "uffd-wp")
    return AnyStep{item.step, item.off ? Beyond::uffd_off : Beyond::uffd_on, {}};
  for (const Known& known : kDone)
    if (known.feature == word) return AnyStep{item.step, known.beyond, item.other};
  if (word == "migrate") return "sys migrate: no user process can cause it on one node";
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

Wishes wishes_of(const trace::Trace& trace) {
  Wishes wishes;
  for (const AnyStep& any : any_steps_of(trace).steps) {
    const Beyond b = any.beyond;
    wishes.ksm = wishes.ksm || b == Beyond::merge || b == Beyond::mergeable;
    wishes.swap = wishes.swap || b == Beyond::swap_out || b == Beyond::pageout;
    wishes.hugetlb = wishes.hugetlb || b == Beyond::map_hugetlb;
  }
  return wishes;
}

std::string find_hindrance(const AnyStep& step, const Facilities& facilities) {
  switch (step.beyond) {
    case Beyond::uffd_on:
    case Beyond::uffd_off:
      return facilities.uffd_wp ? ""
                                : "uffd-wp: userfaultfd with write protection is not to be had";
    case Beyond::map_hugetlb:
      return facilities.huge_pages ? ""
                                   : "map hugetlb: no huge pages are set aside; --hugetlb does";
    case Beyond::swap_out:
      return facilities.swap ? "" : "sys swapout: there is no swap; --swap makes some";
    case Beyond::merge: return facilities.ksm ? "" : "sys ksm: KSM does not run; --ksm starts it";
    default: return "";
  }
}

std::vector<Step> places_of(const std::vector<AnyStep>& steps) {
  std::vector<Step> out;
  for (const AnyStep& any : steps) {
    Step step = any.step;
    if (any.beyond != Beyond::none && !maps(any.beyond)) step.op = Op::unmap;
    out.push_back(step);
    if (any.beyond == Beyond::remap) {
      step.op = Op::map;
      step.count = step.last - step.first + 1;
    } else if (any.beyond == Beyond::merge) {
      step.process = any.other.process;
      step.first = step.last = any.other.page;
    } else {
      continue;
    }
    step.region = any.other.region;
    out.push_back(step);
  }
  return out;
}

}  // namespace cow::kernel

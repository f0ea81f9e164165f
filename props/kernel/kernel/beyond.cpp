#include "kernel/beyond.h"

#include <algorithm>
#include <array>

#include "trace/words.h"

namespace cow::kernel {
namespace {

Beyond beyond_of(Advice advice) {
  switch (advice) {
    case Advice::pageout: return Beyond::pageout;
    case Advice::free: return Beyond::free;
    case Advice::collapse: return Beyond::collapse;
    case Advice::mergeable: return Beyond::mergeable;
    case Advice::unmergeable: return Beyond::unmergeable;
    case Advice::hugepage: return Beyond::hugepage;
    case Advice::nohugepage: return Beyond::nohugepage;
    default: return Beyond::none;
  }
}
Beyond beyond_of(const Step& step) {
  switch (step.op) {
    case Op::map:
      if (step.hugetlb) return Beyond::map_hugetlb;
      return step.huge ? Beyond::map_huge : Beyond::none;
    case Op::advise: return beyond_of(step.advice);
    case Op::uffd_wp: return step.on ? Beyond::uffd_on : Beyond::uffd_off;
    case Op::sys_swapout: return Beyond::swap_out;
    case Op::sys_ksm: return Beyond::merge;
    default: return Beyond::none;
  }
}

}  // namespace

std::variant<AnyStep, std::string> any_step(const Step& step) {
  if (step.op == Op::sys_migrate) return "sys migrate: no user process can cause it on one node";
  const Beyond beyond = beyond_of(step);
  const bool merges = beyond == Beyond::merge;
  return AnyStep{step, beyond, merges ? Slot{step.child, step.to, step.at} : Slot{}};
}

std::variant<AnyStep, std::string> any_step(const trace::Unmodelled& item) {
  const std::string& word = item.feature;
  if (!item.binding.empty()) return "?" + item.binding + ": values are bound within par";
  return word + ": not replayed";
}

std::string_view word_beyond(const Step& step) {
  if (step.op == Op::sys_migrate) return "migrate";
  switch (beyond_of(step)) {
    case Beyond::none: return "";
    case Beyond::map_huge: return "thp";
    case Beyond::map_hugetlb: return "hugetlb";
    case Beyond::uffd_on:
    case Beyond::uffd_off: return "uffd-wp";
    case Beyond::swap_out: return "swapout";
    case Beyond::merge: return "ksm";
    default: return trace::kAdviceWords[static_cast<std::size_t>(step.advice)];
  }
}

AnySteps any_steps_of(const trace::Trace& trace) {
  AnySteps out;
  const auto add = [&](const std::variant<AnyStep, std::string>& step, std::uint32_t line) {
    if (const auto* why = std::get_if<std::string>(&step)) {
      out.cannot = *why;
      out.cannot_line = line;
      return false;
    }
    out.steps.push_back(std::get<AnyStep>(step));
    out.lines.push_back(line);
    return true;
  };
  for (const trace::Item& item : trace.items) {
    if (const auto* line = std::get_if<trace::StepLine>(&item)) {
      if (!add(any_step(line->step), line->at.line)) break;
    } else if (const auto* other = std::get_if<trace::Unmodelled>(&item)) {
      if (!add(any_step(*other), other->at.line)) break;
    }
  }
  return out;
}

std::string first_beyond(const trace::Trace& trace) {
  for (const trace::Item& item : trace.items) {
    if (const auto* other = std::get_if<trace::Unmodelled>(&item)) return other->feature;
    const auto* line = std::get_if<trace::StepLine>(&item);
    if (line == nullptr) continue;
    if (const std::string_view word = word_beyond(line->step); !word.empty())
      return std::string(word);
  }
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
    if (any.beyond != Beyond::merge) continue;
    step.process = any.other.process;
    step.region = any.other.region;
    step.first = step.last = any.other.page;
    out.push_back(step);
  }
  return out;
}

}  // namespace cow::kernel

#include "emit/reduced.h"

#include <algorithm>

namespace cow::emit {
namespace {

using trace::Fact;
using trace::Item;
using trace::StepLine;
using trace::Trace;

constexpr const char* kNotThere = "what it names is not there, so there is no call to make";
constexpr const char* kNoCall = "the language refuses it, so there is no call to make";

// Why no program can make a step happen; nullptr: one can.
const char* why_not_pin(const Step& pin, const Areas& areas) {
  if (pin.prot == Prot::ro)
    return pin.foll_pin || pin.longterm ? "no system call keeps such a read-only pin" : nullptr;
  if (!pin.foll_pin) return "no system call keeps a read-write reference that is no pin";
  if (areas.is_file(pin.process, pin.region)) return "io_uring registers no memory of a file";
  return nullptr;
}

const char* why_not(const Step& step, const Areas& areas) {
  switch (step.op) {
    case Op::map: return step.hugetlb ? "there may be no huge page in the pool" : nullptr;
    case Op::sys_ref:
    case Op::sys_unref: return "a program takes no stray reference";
    case Op::sys_fail_alloc:
    case Op::sys_fail_table: return "a program makes no allocation fail";
    case Op::sys_swapout: return "a program reclaims no page, and there may be no swap";
    case Op::sys_migrate: return "a program moves no page where there is one node";
    case Op::sys_ksm: return "when KSM gets round is for the kernel to say";
    case Op::uffd_wp: return "a program of one thread waits for nobody's write protection";
    case Op::advise:
      return step.advice == Advice::pageout ? "what goes is for the kernel to say" : nullptr;
    case Op::pin: return why_not_pin(step, areas);
    default: return nullptr;
  }
}

// What can be done of the trace, as the specification takes it.
Trace remaining(const Trace& trace, const std::vector<Line>& lines) {
  Trace rest = trace;
  rest.setup.frames = kEnoughFrames;
  rest.items.clear();
  for (const Line& line : lines) {
    if (!line.why_not.empty()) continue;
    Item item = *line.item;
    // io_uring pins for long.
    if (auto* step = std::get_if<StepLine>(&item))
      if (step->step.op == Op::pin && step->step.foll_pin) step->step.longterm = true;
    rest.items.push_back(std::move(item));
  }
  return rest;
}

void run_all(const Trace& trace, std::vector<Line>& lines) {
  const Trace rest = remaining(trace, lines);
  for (Line& line : lines) line.fails = 0;
  for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
    if (!trace.is_for(rule)) continue;
    const runner::Run run = runner::run(rest, rule);
    std::size_t step = 0;
    for (Line& line : lines) {
      if (!line.why_not.empty()) continue;
      if (std::holds_alternative<StepLine>(*line.item))
        line.results[rule] = run.steps[step++].result;
      if (const auto* fact = std::get_if<Fact>(line.item))
        for (const runner::Failure& f : run.failures)
          if (f.line == fact->at.line) line.fails |= static_cast<trace::RuleBits>(1u << rule);
    }
  }
}

// Of what is partly locked the kernel discards what comes before that; the language refuses it all.
bool kernel_refuses(const Step& step) {
  const bool discards = step.op == Op::advise && step.advice == Advice::dontneed;
  return step.op == Op::map || step.op == Op::remap ||
         (step.op == Op::advise && (!discards || step.first == step.last));
}

// Steps on what does not exist, and those that only the language refuses.
bool drop_refused(const Trace& trace, std::vector<Line>& lines) {
  bool dropped = false;
  for (Line& line : lines) {
    const auto* step = std::get_if<StepLine>(line.item);
    if (step == nullptr || !line.why_not.empty()) continue;
    for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
      if (!trace.is_for(rule)) continue;
      if (line.results[rule].outcome == Outcome::nosuch) line.why_not = kNotThere;
      if (line.results[rule].outcome == Outcome::inval && !kernel_refuses(step->step))
        line.why_not = kNoCall;
    }
    dropped = dropped || !line.why_not.empty();
  }
  return dropped;
}

bool worked(const Trace& trace, const Line& line) {
  for (std::size_t rule = 0; rule < kRules.size(); ++rule)
    if (trace.is_for(rule) && !cow::refused(line.results[rule].outcome)) return true;
  return false;
}

// Left out because it is refused, which changes nothing.
bool refused(const Trace& trace, const Line& line) {
  return (line.why_not == kNotThere || line.why_not == kNoCall) && !worked(trace, line);
}

}  // namespace

Reduced reduce(const Trace& trace) {
  Reduced reduced;
  for (const Item& item : trace.items) reduced.lines.push_back({&item, {}, {}, {}, 0});
  do {
    run_all(trace, reduced.lines);
    Areas areas;
    for (Line& line : reduced.lines) {
      line.areas = areas;
      const auto* step = std::get_if<StepLine>(line.item);
      if (step == nullptr || !line.why_not.empty()) continue;
      if (const char* reason = why_not(step->step, areas)) line.why_not = reason;
      else if (worked(trace, line)) areas.take(step->step);
    }
    run_all(trace, reduced.lines);
  } while (drop_refused(trace, reduced.lines));
  reduced.complete = trace.setup.frames == kEnoughFrames &&
                     std::all_of(reduced.lines.begin(), reduced.lines.end(), [&](const Line& line) {
                       return line.why_not.empty() || refused(trace, line);
                     });
  return reduced;
}

}  // namespace cow::emit

// Any trace that can be made prints, and the print parses to it.
#include <gtest/gtest.h>
// RapidCheck's header needs GoogleTest's before it.
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "reading.h"
#include "trace/hash.h"

namespace cow::trace {
namespace {

template <class T> T pick(std::uint64_t limit) {
  return static_cast<T>(*rc::gen::resize(100, rc::gen::inRange<std::uint64_t>(0, limit)));
}

Step any_step(std::size_t files) {
  Step step;
  step.op = pick<Op>(static_cast<std::uint64_t>(Op::sys_fail_table) + 1);
  step.process = pick<Pid>(4);
  step.thread = pick<std::uint32_t>(3);
  step.child = pick<Pid>(4);
  step.region = pick<Region>(30);
  step.to = pick<Region>(30);
  step.first = pick<std::uint32_t>(8);
  step.last = step.first + pick<std::uint32_t>(4);
  step.cell = pick<std::uint8_t>(kCells);
  step.value = pick<std::uint8_t>(256);
  step.ref = pick<Ref>(3);
  step.prot = pick<Prot>(3);
  if (step.op == Op::map || step.op == Op::pin) step.prot = pick<bool>(2) ? Prot::ro : Prot::rw;
  step.backing = files > 0 ? pick<Backing>(2) : Backing::anon;
  step.share = pick<Share>(2);
  step.file = pick<File>(files > 0 ? files : 1);
  step.at = pick<std::uint32_t>(5);
  step.count = 1 + pick<std::uint32_t>(kMaxPages);
  step.advice = pick<Advice>(static_cast<std::uint64_t>(Advice::unmergeable) + 1);
  step.on = pick<bool>(2);
  step.foll_pin = pick<bool>(2);
  step.longterm = pick<bool>(2);
  step.fast = pick<bool>(2);
  return step;
}

Expectation any_expectation(std::uint32_t limit) {
  Expectation wanted;
  for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
    if (pick<bool>(2)) continue;
    std::vector<std::uint32_t> any_of;
    for (std::uint32_t n = pick<std::uint32_t>(3); n > 0; --n)
      any_of.push_back(pick<std::uint32_t>(limit));
    wanted.add(static_cast<RuleBits>(1u << rule), std::move(any_of));
  }
  return wanted;
}

Trace any_trace() {
  Setup setup;
  for (std::uint32_t n = pick<std::uint32_t>(3); n > 0; --n)
    setup.files.push_back({1 + pick<std::uint32_t>(9), pick<std::uint8_t>(256)});
  if (pick<bool>(2)) setup.frames = 1 + pick<std::uint32_t>(kMaxPages);
  std::vector<Step> steps(pick<std::size_t>(20));
  for (Step& step : steps) step = any_step(setup.files.size());
  Trace trace = from_steps("t", "Does it come back?", setup, steps);
  for (Item& item : trace.items) {
    auto& line = std::get<StepLine>(item);
    line.outcome = any_expectation(16);
    const Op op = line.step.op;
    if (op == Op::read || op == Op::force_read || op == Op::ref_read)
      line.value = any_expectation(256);
  }
  trace.verdicts[pick<std::size_t>(kRules.size())] = {"missed", "wrong"};
  return trace;
}

RC_GTEST_PROP(RoundTrip, ParseOfPrintIsTheTrace, ()) {
  const Trace trace = any_trace();
  const std::string text = print(trace);
  const Parsed parsed = parse("-", text, NameRule::free);
  if (const auto* error = std::get_if<Error>(&parsed)) RC_FAIL(format(*error) + "\n" + text);
  RC_ASSERT(std::get<Trace>(parsed) == trace);
  RC_ASSERT(print(std::get<Trace>(parsed)) == text);
  RC_ASSERT(hash(std::get<Trace>(parsed)) == hash(trace));
}

}  // namespace
}  // namespace cow::trace

#include "kernel/record.h"

#include <algorithm>
#include <vector>

#include "kernel/beyond.h"
#include "kernel/trace_run.h"
#include "trace/print.h"
#include "trace/words.h"

namespace cow::kernel {
namespace {

using trace::Expectation;
using trace::Trace;

std::vector<Seen> play(const Trace& trace, const std::vector<Step>& steps, Machine& machine) {
  const Plan plan = plan_of(steps);
  Stage stage(trace.setup, plan, machine.references, machine.window(), machine.limit());
  std::vector<Seen> all;
  all.reserve(steps.size());
  for (const Step& step : steps) all.push_back(stage.run(step));
  return all;
}

// What is seen, or nothing where it cannot be told from any fault.
std::vector<std::uint32_t> elements(Outcomes set) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < trace::kOutcomeWords.size(); ++i)
    if ((set >> i & 1u) != 0) out.push_back(i);
  return out;
}

// A `hit` on what the kernel had mapped around another fault is a fault in the machines.
Outcomes recordable(const Step& step, const Seen& seen) {
  const bool access = step.op >= Op::read && step.op <= Op::force_write;
  if (!access || !seen.before.file || seen.outcomes != any_of(Outcome::hit)) return seen.outcomes;
  const bool write = step.op == Op::write || step.op == Op::force_write;
  return seen.outcomes | any_of(write ? Outcome::enabled : Outcome::filled);
}

void put(Expectation& expectation, std::size_t rule, std::vector<std::uint32_t> seen) {
  Expectation fresh;
  const auto bit = static_cast<trace::RuleBits>(1u << rule);
  for (const trace::Wanted& w : expectation.all())
    if (const auto rest = static_cast<trace::RuleBits>(w.rules & ~bit); rest != 0)
      fresh.add(rest, w.any_of);
  if (!seen.empty()) fresh.add(bit, std::move(seen));
  expectation = fresh;
}

bool same(const Seen& a, const Seen& b) {
  return a.outcomes == b.outcomes && a.has_value == b.has_value && a.value == b.value;
}

Recorded refuse(const Trace& trace, std::string reason, std::uint32_t line) {
  return {trace, std::move(reason), line};
}

void write_down(Trace& trace, std::size_t rule, const std::vector<Seen>& seen) {
  std::size_t i = 0;
  for (trace::Item& item : trace.items) {
    auto* line = std::get_if<trace::StepLine>(&item);
    if (line == nullptr) continue;
    const Seen& s = seen[i++];
    put(line->outcome, rule, elements(recordable(line->step, s)));
    const bool reads = line->step.op == Op::read || line->step.op == Op::force_read ||
                       line->step.op == Op::ref_read;
    if (!reads) continue;
    put(line->value, rule,
        s.has_value ? std::vector<std::uint32_t>{s.value} : std::vector<std::uint32_t>{});
  }
}

}  // namespace

Recorded record(const Trace& trace, std::size_t rule, Machine& machine) {
  if (const std::string word = first_beyond(trace); !word.empty())
    return refuse(trace, word + ": outcomes of such a trace are not compared", 0);
  const Steps steps = steps_of(trace);
  if (const auto skip = why_skip(trace, steps, rule, machine.facilities()))
    return refuse(trace, skip->reason, skip->line);
  try {
    const std::vector<Seen> first = play(trace, steps.steps, machine);
    const std::vector<Seen> second = play(trace, steps.steps, machine);
    const auto at = std::mismatch(first.begin(), first.end(), second.begin(), same).first;
    if (at != first.end())
      return refuse(trace, "two runs differ",
                    steps.lines[static_cast<std::size_t>(at - first.begin())]);
    Recorded out{trace, "", 0};
    write_down(out.trace, rule, first);
    return out;
  } catch (const Cannot& e) {
    return refuse(trace, e.what(), 0);
  } catch (const Lost& e) {
    return refuse(trace, e.what(), 0);
  }
}

std::string rewrite(const std::string& text, const Trace& before, const Trace& after) {
  std::map<std::uint32_t, std::string> anew;
  for (std::size_t i = 0; i < before.items.size(); ++i)
    if (!(before.items[i] == after.items[i]))
      if (const auto* line = std::get_if<trace::StepLine>(&after.items[i]))
        anew[line->at.line] = trace::print(after.items[i], after.names);
  std::string out;
  std::uint32_t number = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size() - 1) + 1;
    const std::string line = text.substr(from, end - from);
    from = end;
    const auto at = anew.find(++number);
    if (at == anew.end()) {
      out += line;
      continue;
    }
    std::string said = at->second;
    if (const std::size_t comment = line.find('#'); comment != std::string::npos)
      said.insert(said.size() - 1,
                  "  " + line.substr(comment, line.find_last_not_of("\r\n") + 1 - comment));
    out += said;
  }
  return out;
}

}  // namespace cow::kernel

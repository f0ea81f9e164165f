#include "kernel/trace_run.h"

#include <utility>

#include "kernel/beyond.h"
#include "kernel/contents_run.h"
#include "kernel/seen_fact.h"
#include "runner/facts.h"
#include "trace/print.h"
#include "trace/words.h"

namespace cow::kernel {
namespace {

using trace::Expectation;
using trace::Trace;

// A stray reference does not come back; what comes three times is none.
constexpr std::uint32_t kTries = 3;

class TraceRunner {
 public:
  TraceRunner(const Trace& trace, const Steps& steps, std::size_t rule, Machine& machine)
      : trace_(trace), steps_(steps), rule_(rule), machine_(machine) {
    std::vector<const trace::Fact*>* facts = nullptr;
    for (const trace::Item& item : trace.items) {
      if (const auto* step = std::get_if<trace::StepLine>(&item)) {
        lines_.push_back(step);
        facts = &facts_.emplace_back();
      } else if (const auto* fact = std::get_if<trace::Fact>(&item); fact != nullptr && facts) {
        facts->push_back(fact);
      }
    }
  }

  TraceRun take() {
    TraceRun out;
    std::uint32_t strays = 0;
    for (std::uint32_t t = 0; t < kTries; ++t) {
      out = once();
      out.stray_copies = strays;
      if (!stray_) break;
      ++strays;
    }
    if (out.run.status == runner::Status::skip) return out;
    if (out.run.failures.empty()) judge(out);
    out.run.status = out.run.failures.empty() ? runner::Status::ok : runner::Status::fail;
    return out;
  }

 private:
  // The verdict is the specification's of the same steps, and must be the one that is announced.
  void judge(TraceRun& out) const {
    const runner::Run judged = runner::run(trace_, rule_);
    out.run.verdict = judged.verdict;
    for (const runner::Failure& f : judged.failures)
      if (f.expected.starts_with("verdict ")) out.run.failures.push_back(f);
  }

  TraceRun once() {
    TraceRun out;
    const Replayed replayed = replay(trace_.setup, steps_.steps, kRules[rule_], machine_,
                                     [&](std::size_t i, const Result& want, const Seen& seen,
                                         Stage& stage) { note(i, want, seen, stage, out); });
    out.steps = replayed.steps;
    if (!replayed.cannot.empty()) {
      out.run.status = runner::Status::skip;
      out.skipped = replayed.cannot;
      out.skipped_at = replayed.steps == 0 ? 0 : steps_.lines[replayed.steps - 1];
      return out;
    }
    stray_ = replayed.disagreement && replayed.disagreement->sort == Sort::stray_copy;
    if (const auto& d = replayed.disagreement) {
      const std::string where = d->slot ? trace::slot_text(*d->slot, trace_.names) + ": " : "";
      const std::string sort{kSortWords[static_cast<std::size_t>(d->sort)]};
      const std::uint32_t line = steps_.lines.empty() ? 1 : steps_.lines[d->step];
      // What the trace expects and the specification says is one failure.
      std::erase_if(out.run.failures, [&](const runner::Failure& f) {
        return f.line == line && f.expected == where + d->expected && f.seen == d->seen;
      });
      out.run.failures.push_back({line, where + d->expected, d->seen + " (" + sort + ")"});
    }
    return out;
  }

  void note(std::size_t i, const Result& want, const Seen& seen, Stage& stage, TraceRun& out) {
    Result shown = want;
    if (!contains(seen.outcomes, want.outcome))
      for (unsigned o = 0; o < trace::kOutcomeWords.size(); ++o)
        if ((seen.outcomes >> o & 1u) != 0) shown.outcome = static_cast<Outcome>(o);
    shown.has_value = seen.has_value;
    shown.value = seen.value;
    const trace::StepLine& line = *lines_[i];
    out.run.steps.push_back({line.at.line, trace::print(line.step, trace_.names), shown,
                             judge::Verdict::none, print(seen.outcomes)});
    if (stage_agrees(want, seen)) expect(line, want, seen, out);
    for (const trace::Fact* fact : facts_[i]) check(*fact, stage, out);
  }
  // Else the disagreement with the specification says it.
  static bool stage_agrees(const Result& want, const Seen& seen) {
    return contains(seen.outcomes, want.outcome) || seen.outcomes == any_of(Outcome::hit);
  }
  void expect(const trace::StepLine& line, const Result& want, const Seen& seen, TraceRun& out) {
    if (!line.outcome.admits(rule_, static_cast<std::uint32_t>(want.outcome)))
      fail(line.at.line, wanted(line.outcome, trace::spell_outcome), print(seen.outcomes), out);
    const trace::Wanted* value = line.value.find(rule_);
    if (value == nullptr || value->any_of.empty()) return;
    if (seen.has_value && line.value.admits(rule_, seen.value)) return;
    fail(line.at.line, "value " + wanted(line.value, trace::spell_number),
         seen.has_value ? "value " + std::to_string(seen.value) : "no value", out);
  }
  void check(const trace::Fact& fact, Stage& stage, TraceRun& out) {
    const auto found = find_fact(fact, stage, machine_.window());
    const auto none = static_cast<std::uint32_t>(trace::PageKind::none);
    const bool
        around =  // the kernel may have mapped a page of the cache that the machines have not
        fact.kind == trace::FactKind::kind && found && *found != none &&
        stage.entry(fact.slot)->file && fact.wanted.admits(rule_, none);
    if (!found || around) {
      ++out.facts_unseen;
      return;
    }
    ++out.facts;
    const std::string text = runner::fact_text(fact, trace_.names);
    const bool frames =
        fact.kind == trace::FactKind::same_frame || fact.kind == trace::FactKind::other_frame;
    if (frames) {
      const bool same = fact.kind == trace::FactKind::same_frame;
      if ((*found != 0) != same) fail(fact.at.line, text, same ? "two frames" : "one frame", out);
    } else if (!fact.wanted.admits(rule_, *found)) {
      const trace::SpellElement spell = trace::speller_of(fact.kind);
      fail(fact.at.line, text + " = " + wanted(fact.wanted, spell), spell(*found), out);
    }
  }

  [[nodiscard]] std::string wanted(const Expectation& e, trace::SpellElement spell) const {
    return trace::print(*e.find(rule_), spell);
  }
  static void fail(std::uint32_t line, std::string expected, std::string seen, TraceRun& out) {
    out.run.failures.push_back({line, std::move(expected), std::move(seen)});
  }

  const Trace& trace_;
  const Steps& steps_;
  std::size_t rule_;
  Machine& machine_;
  std::vector<const trace::StepLine*> lines_;
  std::vector<std::vector<const trace::Fact*>> facts_;  // those after each step
  bool stray_ = false;
};

}  // namespace

Steps steps_of(const Trace& trace) {
  Steps out;
  for (const trace::Item& item : trace.items)
    if (const auto* step = std::get_if<trace::StepLine>(&item)) {
      out.steps.push_back(step->step);
      out.lines.push_back(step->at.line);
    }
  return out;
}

std::optional<Skip> why_skip(const Trace& trace, const Steps& steps, std::size_t rule,
                             const Facilities& facilities) {
  if (!trace.is_for(rule)) return Skip{"the trace leaves this rule set out", 0};
  for (const trace::Item& item : trace.items)
    if (const auto* par = std::get_if<trace::Par>(&item))
      return Skip{"par: steps are taken one after the other", par->at.line};
  if (const auto hindrance = find_hindrance(trace.setup, steps.steps, facilities))
    return Skip{hindrance->reason,
                hindrance->step < steps.lines.size() ? steps.lines[hindrance->step] : 0};
  return std::nullopt;
}

TraceRun run_trace(const Trace& trace, std::size_t rule, Machine& machine) {
  if (!first_beyond(trace).empty()) return run_contents(trace, rule, machine);
  const Steps steps = steps_of(trace);
  if (const auto skip = why_skip(trace, steps, rule, machine.facilities())) {
    TraceRun out;
    out.run.status = runner::Status::skip;
    out.skipped = skip->reason;
    out.skipped_at = skip->line;
    return out;
  }
  return TraceRunner(trace, steps, rule, machine).take();
}

}  // namespace cow::kernel

#include "kernel/contents_run.h"

#include <sys/prctl.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "kernel/promised.h"
#include "trace/print.h"
#include "trace/words.h"

namespace cow::kernel {
namespace {

using trace::Expectation;
using trace::Trace;

constexpr std::uint32_t kMostPages = 4096;  // of a region, whose contents are kept page by page

// The other traces have small pages only.
class HugePages {
 public:
  HugePages() { prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0); }
  HugePages(const HugePages&) = delete;
  HugePages& operator=(const HugePages&) = delete;
  ~HugePages() { prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); }
};

// The text and the expectations of a line that is a step.
struct Line {
  std::string text;
  const Expectation *outcome = nullptr, *value = nullptr;
};
std::vector<Line> lines_of(const Trace& trace) {
  std::vector<Line> out;
  for (const trace::Item& item : trace.items) {
    if (const auto* step = std::get_if<trace::StepLine>(&item))
      out.push_back({trace::print(step->step, trace.names), &step->outcome, &step->value});
    else if (const auto* other = std::get_if<trace::Unmodelled>(&item))
      out.push_back({other->text, &other->outcome, &other->value});
  }
  return out;
}

// Nothing looks at events here, and processes are started.
Window& quiet(Machine& machine, Window& window) {
  if (Events* events = machine.window().events()) events->pause();
  return window;
}

class ContentsRun {
 public:
  ContentsRun(const Trace& trace, const AnySteps& steps, std::size_t rule, Machine& machine,
              const AfterStep& after)
      : trace_(trace),
        steps_(steps),
        rule_(rule),
        after_(after),
        lines_(lines_of(trace)),
        plan_(plan_of(places_of(steps.steps))),
        window_(Sight::contents),
        promised_(trace.setup, plan_),
        stage_(trace.setup, plan_, machine.references, quiet(machine, window_), machine.limit()) {}

  // Until the first difference: what comes after would follow from it.
  void take(TraceRun& out) {
    for (std::size_t i = 0; i < lines_.size() && out.run.failures.empty(); ++i) {
      out.steps = i + 1;
      one(i, out);
    }
    if (out.run.failures.empty()) at_the_end(out);
    if (!out.run.failures.empty() && stage_.lost_one()) throw Lost("a process has died");
  }

 private:
  void one(std::size_t i, TraceRun& out) {
    const AnyStep& any = steps_.steps[i];
    Seen seen = stage_.run(any);
    const std::optional<Outcome> refusal = promised_.run(any, seen.outcomes);
    // Delivered to userspace, which here is a signal.
    if (refusal == Outcome::uffd && contains(seen.outcomes, Outcome::sigbus))
      seen.outcomes = any_of(Outcome::uffd);
    out.run.steps.push_back(
        {steps_.lines[i], lines_[i].text, shown(refusal, seen), judge::Verdict::none});
    const bool free_to_choose = !refusal && may_decline(any.beyond);
    const bool fits = refusal ? contains(seen.outcomes, *refusal)
                              : (seen.outcomes & kRefusals) == 0 || free_to_choose;
    if (!fits)
      return fail(i, refusal ? word(*refusal) : "a step that works", print(seen.outcomes), out);
    if (seen.has_value) value(i, seen.value, out);
    expectations(i, refusal, seen, out);
    if (after_) after_(i, stage_);
  }
  static bool may_decline(Beyond b) {
    return b == Beyond::collapse || b == Beyond::swap_out || b == Beyond::merge;
  }
  static Result shown(const std::optional<Outcome>& refusal, const Seen& seen) {
    Result result{refusal.value_or(Outcome::ok), seen.has_value, seen.value};
    if (refusal && contains(seen.outcomes, *refusal)) return result;
    for (unsigned o = 0; o < trace::kOutcomeWords.size(); ++o)
      if ((seen.outcomes >> o & 1u) != 0) result.outcome = static_cast<Outcome>(o);
    return result;
  }
  void value(std::size_t i, std::uint8_t seen, TraceRun& out) {
    const Step& s = steps_.steps[i].step;
    if (s.op == Op::ref_read) {
      if (!promised_.admits(s.ref, s.cell, seen))
        fail(i, "what was written to its page", "value " + std::to_string(seen), out);
      return;
    }
    const Slot slot{s.process, s.region, s.first};
    const std::string wanted = promised_.values(slot, s.cell);
    if (!promised_.admits(slot, s.cell, seen))
      fail(i, "value " + wanted, "value " + std::to_string(seen), out);
  }
  // What the trace says of values and refusals; its other outcomes are not compared.
  void expectations(std::size_t i, const std::optional<Outcome>& refusal, const Seen& seen,
                    TraceRun& out) {
    const Line& line = lines_[i];
    const trace::Wanted* outcome = line.outcome->find(rule_);
    if (outcome != nullptr && refusal &&
        !line.outcome->admits(rule_, static_cast<std::uint32_t>(*refusal)))
      return fail(i, trace::print(*outcome, trace::spell_outcome), print(seen.outcomes), out);
    const bool all_refused =
        outcome != nullptr && !outcome->any_of.empty() && !may_decline(steps_.steps[i].beyond) &&
        std::all_of(outcome->any_of.begin(), outcome->any_of.end(),
                    [](std::uint32_t o) { return refused(static_cast<Outcome>(o)); });
    if (all_refused && !refusal)
      return fail(i, trace::print(*outcome, trace::spell_outcome), print(seen.outcomes), out);
    const trace::Wanted* wanted = line.value->find(rule_);
    if (wanted == nullptr || wanted->any_of.empty()) return;
    if (seen.has_value && line.value->admits(rule_, seen.value)) return;
    fail(i, "value " + trace::print(*wanted, trace::spell_number),
         seen.has_value ? "value " + std::to_string(seen.value) : "no value", out);
  }

  // Every byte that a process can read.
  void at_the_end(TraceRun& out) {
    for (std::uint32_t p = 0; p < plan_.processes; ++p)
      for (std::uint32_t r = 0; promised_.alive(Pid{p}) && r < plan_.regions.size(); ++r)
        for (const std::uint32_t page : plan_.regions[r].pages)
          if (const Slot slot{Pid{p}, Region{r}, page}; promised_.readable(slot))
            look_at(slot, out);
  }
  void look_at(const Slot& slot, TraceRun& out) {
    const std::string where = trace::slot_text(slot, trace_.names) + ": ";
    const auto bytes = stage_.peek(slot, 1);
    if (!bytes) return fail(lines_.size() - 1, where + "a page that can be read", "a signal", out);
    for (std::uint8_t cell = 0; cell < kCells; ++cell) {
      std::string wanted = where + "byte " + std::to_string(cell) + " = ";
      wanted += promised_.values(slot, cell);
      if (!promised_.admits(slot, cell, (*bytes)[cell]))
        fail(lines_.size() - 1, std::move(wanted), std::to_string((*bytes)[cell]), out);
    }
  }

  static std::string word(Outcome o) {
    return std::string(trace::kOutcomeWords[trace::index_of(o)]);
  }
  void fail(std::size_t i, std::string expected, std::string seen, TraceRun& out) {
    out.run.failures.push_back({steps_.lines[i], std::move(expected), std::move(seen)});
  }

  static constexpr Outcomes kRefusals = any_of(Outcome::segv, Outcome::sigbus, Outcome::oom,
                                               Outcome::nosuch, Outcome::inval, Outcome::busy);

  const Trace& trace_;
  const AnySteps& steps_;
  std::size_t rule_;
  const AfterStep& after_;
  std::vector<Line> lines_;
  Plan plan_;
  Window window_;
  Promised promised_;
  Stage stage_;
};

// Before 5.19 a fork, mprotect or swapping can leave a pin on another page than its owner's: those
// rule sets are known for it, and what is promised does not hold there.
bool pins_may_be_left(const std::vector<AnyStep>& steps, std::size_t rule) {
  const bool early = std::string_view(kRules[rule].name) != "5.19" &&
                     std::string_view(kRules[rule].name) != "6.15";
  return early && std::any_of(steps.begin(), steps.end(), [](const AnyStep& any) {
           return any.step.op == Op::pin && any.step.prot == Prot::rw;
         });
}

std::optional<Skip> why_skip_contents(const Trace& trace, const AnySteps& steps, std::size_t rule,
                                      const Facilities& facilities) {
  Steps plain{{}, steps.lines};
  for (const AnyStep& any : steps.steps) {
    plain.steps.push_back(any.step);
    plain.steps.back().huge = plain.steps.back().hugetlb = false;
    if (any.beyond != Beyond::none && !maps(any.beyond)) plain.steps.back().op = Op::unmap;
  }
  if (auto skip = why_skip(trace, plain, rule, facilities)) return skip;
  if (!steps.cannot.empty()) return Skip{steps.cannot, steps.cannot_line};
  for (std::size_t i = 0; i < steps.steps.size(); ++i)
    if (std::string why = find_hindrance(steps.steps[i], facilities); !why.empty())
      return Skip{std::move(why), steps.lines[i]};
  for (std::size_t i = 0; i < plain.steps.size(); ++i)
    if (plain.steps[i].op == Op::map && plain.steps[i].count > kMostPages)
      return Skip{"map: too many pages to keep the contents of", steps.lines[i]};
  if (pins_may_be_left(steps.steps, rule))
    return Skip{"pin rw: before 5.19 a kernel may leave it behind", 0};
  return std::nullopt;
}

}  // namespace

TraceRun run_contents(const Trace& trace, std::size_t rule, Machine& machine,
                      const AfterStep& after) {
  TraceRun out;
  out.beyond = first_beyond(trace);
  const auto skip_at = [&](std::string reason, std::uint32_t line) {
    out.run.status = runner::Status::skip;
    out.skipped = std::move(reason);
    out.skipped_at = line;
    return out;
  };
  const AnySteps steps = any_steps_of(trace);
  if (const auto skip = why_skip_contents(trace, steps, rule, machine.facilities()))
    return skip_at(skip->reason, skip->line);
  const HugePages huge_pages;
  const auto line = [&] { return out.steps == 0 ? 0 : steps.lines[out.steps - 1]; };
  try {
    ContentsRun(trace, steps, rule, machine, after).take(out);
  } catch (const Cannot& e) {
    return skip_at(e.what(), line());
  } catch (const Lost& e) {
    out.run.failures.push_back({line(), "an answer", e.what()});
  }
  out.run.status = out.run.failures.empty() ? runner::Status::ok : runner::Status::fail;
  return out;
}

}  // namespace cow::kernel

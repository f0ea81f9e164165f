#include "runner/par_run.h"

#include <algorithm>
#include <set>
#include <utility>

#include "par/describe.h"
#include "runner/facts.h"
#include "trace/words.h"

namespace cow::runner {
namespace {

using trace::Par;
using trace::StepLine;

// All steps of the trace, whatever runs at once.
std::vector<Step> all_steps(const trace::Trace& trace) {
  std::vector<Step> steps;
  for (const trace::Item& item : trace.items) {
    if (const auto* line = std::get_if<StepLine>(&item)) steps.push_back(line->step);
    if (const auto* par = std::get_if<Par>(&item))
      for (const auto& column : par->columns)
        for (const trace::Item& inner : column) steps.push_back(std::get<StepLine>(inner).step);
  }
  return steps;
}

bool holds(const trace::Comparison& c,
           const std::map<std::string, std::optional<std::uint8_t>>& bindings) {
  const auto& value = bindings.at(c.name);
  return (value && *value == c.value) == c.equal;
}

bool holds(const trace::Judgement& item,
           const std::map<std::string, std::optional<std::uint8_t>>& bindings) {
  return std::any_of(item.any_of.begin(), item.any_of.end(), [&](const auto& all) {
    return std::all_of(all.begin(), all.end(),
                       [&](const trace::Comparison& c) { return holds(c, bindings); });
  });
}

std::string schedule_line(const std::vector<std::uint32_t>& schedule) {
  std::string text = "schedule";
  for (const std::uint32_t column : schedule) text += " " + std::to_string(column);
  return text;
}

// What one step came to, over all executions: `{copied,hit}`.
class Seen {
 public:
  void add(const Result& r) {
    outcomes_.insert(static_cast<std::uint32_t>(r.outcome));
    if (results_++ > 0 && (r.has_value != value_.has_value || r.value != value_.value))
      value_.has_value = false;
    else value_ = r;
  }
  [[nodiscard]] StepRun told(const StepLine& line, const trace::NameTable& names) const {
    StepRun run{line.at.line, trace::print(line.step, names), value_, judge::Verdict::none};
    const trace::Wanted all{0, {outcomes_.begin(), outcomes_.end()}};
    if (outcomes_.size() > 1) run.outcome = trace::print(all, trace::spell_outcome);
    return run;
  }

 private:
  std::set<std::uint32_t> outcomes_;
  Result value_;
  std::size_t results_ = 0;
};

}  // namespace

// The lines of a block's columns.
struct ParRun::Lines {
  std::vector<std::vector<const StepLine*>> columns;

  explicit Lines(const Par& par) {
    for (const auto& column : par.columns) {
      columns.emplace_back();
      for (const trace::Item& item : column) columns.back().push_back(&std::get<StepLine>(item));
    }
  }
  [[nodiscard]] par::Columns steps() const {
    par::Columns steps;
    for (const auto& column : columns) {
      steps.emplace_back();
      for (const StepLine* line : column) steps.back().push_back(line->step);
    }
    return steps;
  }
};

ParRun::ParRun(Findings& findings, const Implementations& implementations)
    : findings_(findings), implementations_(implementations) {
  const trace::Trace& trace = findings.trace();
  places_ = par::places_of(all_steps(trace));
  branches_.push_back({par::World(trace.setup, kRules[findings.rule()]), {}});
}

void ParRun::before(const Step& step) {
  judge::Disagreements out;
  branches_.front().world.judge.alone(branches_.front().world.machine, step, out);
  taken_.push_back(step);
}

void ParRun::take(const trace::Item& item) {
  if (const auto* par = std::get_if<Par>(&item)) block(*par);
  if (const auto* line = std::get_if<StepLine>(&item)) step(*line);
  if (const auto* fact = std::get_if<trace::Fact>(&item)) this->fact(*fact);
  if (const auto* line = std::get_if<trace::Judgement>(&item)) judgement(*line);
}

void ParRun::block(const Par& par) {
  begun_ = true;
  const Lines lines(par);
  const par::Columns columns = lines.steps();
  std::vector<par::Orders> orders;
  for (const Branch& branch : branches_) orders.emplace_back(branch.world, columns, places_);
  std::vector<Branch> next;
  for (std::size_t b = 0; b < orders.size(); ++b) {
    if (!orders[b].complete())
      return findings_.fail(
          par.at.line, "at most " + std::to_string(par::Orders::kMostStates) + " states", "more");
    for (const par::Orders::Final& f : orders[b].finals()) {
      Branch branch{f.world, branches_[b].bindings};
      for (std::size_t c = 0; c < columns.size(); ++c)
        for (std::size_t i = 0; i < columns[c].size(); ++i) {
          const std::string& name = lines.columns[c][i]->binding;
          const Result& r = f.end.outcomes[c][i];
          if (name.empty()) continue;
          branch.bindings[name] = r.has_value ? std::optional(r.value) : std::nullopt;
        }
      next.push_back(std::move(branch));
    }
    hold(lines, orders[b]);
  }
  if (implementations_.copied_tables != nullptr)
    compare(*implementations_.copied_tables, "", par, orders, columns);
  if (implementations_.shared_tables != nullptr)
    compare(*implementations_.shared_tables, " (shared tables)", par, orders, columns);
  branches_ = std::move(next);
  for (const auto& column : columns) taken_.insert(taken_.end(), column.begin(), column.end());
}

// What the block's lines ask must hold in every execution.
void ParRun::hold(const Lines& lines, const par::Orders& orders) {
  for (const par::Remark& r : orders.remarks()) {
    const std::uint32_t line = lines.columns[r.column][r.step]->at.line;
    findings_.show(r.verdict, line);
    if (r.verdict == judge::Verdict::none) findings_.violated({r.disagreement}, line);
  }
  for (std::size_t c = 0; c < lines.columns.size(); ++c)
    for (std::size_t i = 0; i < lines.columns[c].size(); ++i) {
      const StepLine& line = *lines.columns[c][i];
      Seen seen;
      bool outcome = true, value = true;
      for (const par::Orders::Final& f : orders.finals()) {
        const Result& r = f.end.outcomes[c][i];
        seen.add(r);
        outcome = outcome && findings_.expect_outcome(line, r);
        value = value && findings_.expect_value(line, r);
      }
      findings_.ran(seen.told(line, findings_.trace().names));
    }
}

// Each execution of the implementation is one of the specification's, and goes on like it.
void ParRun::compare(const Executions& implementation, const std::string& which, const Par& par,
                     const std::vector<par::Orders>& orders, const par::Columns& columns) {
  const trace::Trace& trace = findings_.trace();
  const Block block{trace.setup,  kRules[findings_.rule()], taken_, columns,
                    par.schedule, steps_after(par),         places_};
  bool failed = false;
  const auto fail = [&](const Execution& e, const std::string& expected, const std::string& seen) {
    findings_.fail(par.at.line, expected, seen + which + "\n" + schedule_line(e.schedule));
    failed = true;
    return false;
  };
  const bool all = implementation.run(block, [&](const Execution& e) {
    if (!e.wrong.empty()) return fail(e, "CNT-1 to hold", e.wrong);
    bool known = false;
    for (const par::Orders& set : orders)
      for (const par::Orders::Final& f : set.finals()) {
        if (!(f.end == e.end)) continue;
        if (block.after.empty()) return true;
        known = true;
        par::World world = f.world;
        judge::Disagreements out;
        par::Outcomes after(1);
        for (const Step& step : block.after)
          after[0].push_back(*world.judge.alone(world.machine, step, out).done);
        if (par::end_of(world.machine, places_, std::move(after)) == e.after) return true;
      }
    const par::End& odd = known ? e.after : e.end;
    return fail(
        e,
        known ? "the specification's steps after this execution"
              : "an execution that the specification has",
        par::describe(odd.outcomes) + "; " + par::describe_state(odd.state, places_, trace.names));
  });
  if (!all && !failed && par.schedule.empty())
    findings_.remark(par.at.line,
                     "not every order of the implementation's threads was tried" + which);
}

// Up to the next block.
std::vector<Step> ParRun::steps_after(const Par& par) const {
  const std::vector<trace::Item>& items = findings_.trace().items;
  std::vector<Step> steps;
  bool after = false;
  for (const trace::Item& item : items) {
    const auto* block = std::get_if<Par>(&item);
    if (block != nullptr && after) break;
    if (block == &par) after = true;
    if (const auto* line = std::get_if<StepLine>(&item); after && line != nullptr)
      steps.push_back(line->step);
  }
  return steps;
}

void ParRun::step(const StepLine& item) {
  Seen seen;
  bool outcome = true, value = true;
  judge::Disagreements disagreements;
  for (Branch& branch : branches_) {
    const auto e = branch.world.judge.alone(branch.world.machine, item.step, disagreements);
    seen.add(*e.done);
    findings_.show(e.verdict, item.at.line);
    outcome = outcome && findings_.expect_outcome(item, *e.done);
    value = value && findings_.expect_value(item, *e.done);
  }
  findings_.violated(disagreements, item.at.line);
  findings_.ran(seen.told(item, findings_.trace().names));
  taken_.push_back(item.step);
}

void ParRun::fact(const trace::Fact& fact) {
  for (const Branch& branch : branches_)
    if (!expect_fact(branch.world, fact, findings_)) return;
}

void ParRun::judgement(const trace::Judgement& item) {
  using trace::Quantifier;
  const Branch* with = nullptr;
  const Branch* without = nullptr;
  for (const Branch& branch : branches_) (holds(item, branch.bindings) ? with : without) = &branch;
  std::string expected = trace::print(trace::Item{item}, findings_.trace().names);
  expected.pop_back();
  if (item.quantifier == Quantifier::never && with != nullptr)
    findings_.fail(item.at.line, expected, bindings_text(*with));
  if (item.quantifier == Quantifier::always && without != nullptr)
    findings_.fail(item.at.line, expected, bindings_text(*without));
  if (item.quantifier == Quantifier::sometimes && with == nullptr)
    findings_.fail(item.at.line, expected, "no execution with it");
}

std::string ParRun::bindings_text(const Branch& branch) const {
  std::string text = "an execution with";
  for (const auto& [name, value] : branch.bindings)
    text += " ?" + name + " = " + (value ? std::to_string(*value) : "nothing");
  return text;
}

}  // namespace cow::runner

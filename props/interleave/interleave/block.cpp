#include "interleave/block.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cow::interleave {
namespace {

using trace::Par;
using trace::StepLine;

std::vector<Step> all_steps(const Program& program) {
  std::vector<Step> all = program.before;
  for (const auto& column : program.columns) all.insert(all.end(), column.begin(), column.end());
  return all;
}

trace::Verdict verdict_of(const Program& program, const Rules& rules) {
  constexpr std::pair<judge::Verdict, const char*> kWords[] = {
      {judge::Verdict::missed, "missed"},
      {judge::Verdict::unnecessary, "unnecessary"},
      {judge::Verdict::wrong, "wrong"}};
  par::World world(program.setup, rules);
  judge::Disagreements out;
  std::vector<judge::Verdict> shown;
  for (const Step& step : program.before)
    shown.push_back(world.judge.alone(world.machine, step, out).verdict);
  const par::Orders orders(world, program.columns, par::places_of(all_steps(program)));
  for (const par::Remark& remark : orders.remarks()) shown.push_back(remark.verdict);
  trace::Verdict words;
  for (const auto& [verdict, word] : kWords)
    if (std::find(shown.begin(), shown.end(), verdict) != shown.end()) words.emplace_back(word);
  return words;
}

}  // namespace

Program program_of(const trace::Trace& trace) {
  Program program{trace.setup, {}, {}};
  for (const trace::Item& item : trace.items) {
    if (const auto* line = std::get_if<StepLine>(&item)) program.before.push_back(line->step);
    const auto* par = std::get_if<Par>(&item);
    if (par == nullptr) continue;
    for (const auto& column : par->columns) {
      program.columns.emplace_back();
      for (const trace::Item& inner : column)
        program.columns.back().push_back(std::get<StepLine>(inner).step);
    }
    break;
  }
  return program;
}

runner::Block block_of(const Program& program, const Rules& rules, explore::Schedule schedule) {
  return {program.setup,
          rules,
          program.before,
          program.columns,
          std::move(schedule),
          {},
          par::places_of(all_steps(program))};
}

par::World start_of(const Program& program, const Rules& rules) {
  par::World world(program.setup, rules);
  judge::Disagreements out;
  for (const Step& step : program.before) world.judge.alone(world.machine, step, out);
  return world;
}

trace::Trace trace_of(const Program& program, std::size_t rule, std::string name,
                      std::string question, explore::Schedule schedule) {
  trace::Trace trace =
      trace::from_steps(std::move(name), std::move(question), program.setup, all_steps(program));
  trace.rules = static_cast<trace::RuleBits>(1u << rule);
  trace.verdicts[rule] = verdict_of(program, kRules[rule]);
  Par par{{}, std::move(schedule), {}};
  auto next = trace.items.begin() + static_cast<std::ptrdiff_t>(program.before.size());
  for (const auto& column : program.columns) {
    const auto end = next + static_cast<std::ptrdiff_t>(column.size());
    par.columns.emplace_back(std::make_move_iterator(next), std::make_move_iterator(end));
    next = end;
  }
  trace.items.resize(program.before.size());
  trace.items.emplace_back(std::move(par));
  return trace;
}

}  // namespace cow::interleave

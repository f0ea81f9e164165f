// What kills a mutant of order: an execution of its trace that the specification has not.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "interleave/allowed.h"
#include "interleave/builds.h"
#include "laws/replay.h"

namespace cow::interleave {

// The traces of order, and what the specification lets each of them do.
class Corpus {
 public:
  explicit Corpus(std::vector<trace::Trace> traces);

  [[nodiscard]] const std::vector<trace::Trace>& traces() const { return traces_; }
  [[nodiscard]] const trace::Trace& named(std::string_view name) const;
  // Made when it is first asked for.
  const Allowed& allowed(const trace::Trace& trace, std::size_t rule);

 private:
  std::vector<trace::Trace> traces_;
  std::map<std::pair<std::string, std::size_t>, Allowed> allowed_;
};

// All orders of the right code.
struct Clean {
  Explored explored;
  std::size_t ends = 0;  // different ones
  std::string odd;       // the first execution that is not allowed; empty: none
};

struct Kill {
  std::size_t rule = 0;
  std::uint64_t executions = 0;  // until one was not allowed
  explore::Schedule schedule;    // the shortest that shows it: what must be said
  unsigned switches = 0;         // of the execution that it gives
};

[[nodiscard]] unsigned switches_of(const explore::Schedule& whole);
[[nodiscard]] std::string schedule_line(const explore::Schedule& schedule);

template <class Machine> Clean explore_all(const Allowed& allowed) {
  Clean clean;
  std::vector<par::End> ends;
  std::unordered_multimap<std::uint64_t, std::size_t> by_hash;
  const auto is_new = [&](const par::End& end) {
    const auto [from, to] = by_hash.equal_range(end.hash());
    return std::none_of(from, to, [&](const auto& one) { return ends[one.second] == end; });
  };
  clean.explored = Executions<Machine>().explored(
      allowed.block(), {.way = explore::Options::Way::all}, [&](const runner::Execution& e) {
        if (!allowed.explains(e)) clean.odd = schedule_line(e.schedule) + "\n" + e.wrong;
        if (is_new(e.end)) {
          by_hash.emplace(e.end.hash(), ends.size());
          ends.push_back(e.end);
        }
        return clean.odd.empty();
      });
  clean.ends = ends.size();
  return clean;
}

// The first execution that is not allowed, those with few preemptions first. REQUIRES: the mutant
// is at work.
template <class Machine> std::optional<Kill> find_kill(const Allowed& allowed, std::size_t rule) {
  using Way = explore::Options::Way;
  const Executions<Machine> executions;
  Kill kill;
  kill.rule = rule;
  const auto odd = [&](const runner::Execution& e) { return !allowed.explains(e); };
  const auto look = [&](const explore::Options& options) {
    kill.executions += executions
                           .explored(allowed.block(), options,
                                     [&](const runner::Execution& e) {
                                       if (odd(e)) kill.schedule = e.schedule;
                                       return kill.schedule.empty();
                                     })
                           .executions;
    return !kill.schedule.empty();
  };
  // Three preemptions are many executions; whether there is anything to find, all orders say
  // sooner.
  if (!look({.way = Way::bounded, .preemptions = 1}) && !look({.way = Way::all}))
    return std::nullopt;
  kill.schedule = executions.shorten(allowed.block(), kill.schedule, odd);
  // A line of a trace says one point at least.
  if (kill.schedule.empty()) kill.schedule = {0};
  runner::Block block = allowed.block();
  block.schedule = kill.schedule;
  executions.run(block, [&](const runner::Execution& e) {
    kill.switches = switches_of(e.schedule);
    return true;
  });
  return kill;
}

}  // namespace cow::interleave

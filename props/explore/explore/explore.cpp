#include "explore/explore.h"

#include <memory>

#include "explore/all.h"
#include "explore/bounded.h"
#include "explore/random.h"
#include "explore/replay.h"

namespace cow::explore {

namespace {

std::unique_ptr<Way> make_way(const Options& options) {
  switch (options.way) {
    case Options::Way::all: return std::make_unique<All>();
    case Options::Way::bounded: return std::make_unique<Bounded>(options.preemptions);
    case Options::Way::random: return std::make_unique<Random>(options.seed, options.preemptions);
    case Options::Way::replay: return std::make_unique<Replay>(options.schedule);
  }
  return nullptr;
}

// Keeps its memory from one execution to the next.
void describe(const Running& run, const Way& way, Execution& execution) {
  const Course& course = run.course();
  execution.points = {course.taken.get(), course.count};
  execution.schedule.resize(course.count);
  for (std::uint32_t i = 0; i < course.count; ++i) execution.schedule[i] = course.taken[i].body;
  execution.deadlock = run.deadlock();
  execution.endless = run.endless();
  execution.strayed = way.strayed();
  execution.switches = run.switches();
  execution.preemptions = run.preemptions();
}

}  // namespace

Totals explore(const Options& options, const SetUp& set_up, const Bodies& bodies,
               const Finished& finished) {
  const std::unique_ptr<Way> way = make_way(options);
  Running run(bodies, *way, options.points);
  Totals totals;
  Execution execution;
  bool ended = true;
  while (totals.executions < options.executions) {
    set_up();
    run.run();
    ended = ended && !run.endless();
    if (way->is_new(run.course())) {
      ++totals.executions;
      totals.points += run.course().count;
      describe(run, *way, execution);
      if (!finished(execution)) return totals;
    } else if (options.way == Options::Way::all) {
      ++totals.blocked;
    }
    if (!way->next(run.course())) {
      totals.complete = ended && way->complete();
      break;
    }
  }
  return totals;
}

Execution replay(const Schedule& schedule, const SetUp& set_up, const Bodies& bodies) {
  Execution told;
  explore({.way = Options::Way::replay, .schedule = schedule}, set_up, bodies,
          [&](const Execution& execution) {
            told = execution;
            return true;
          });
  told.points = {};
  return told;
}

}  // namespace cow::explore

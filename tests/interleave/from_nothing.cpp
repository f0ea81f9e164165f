// Random programs on the implementation's threads: the code as it ships does nothing that the
// specification does not allow; mutants of order, and what plain references do across a fork, are
// found and made small. Exit status 1: not so.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "explore/way.h"
#include "impl/order_mutants.h"
#include "interleave/builds.h"
#include "interleave/draw.h"
#include "interleave/search.h"
#include "kills.h"
#include "par/describe.h"
#include "trace/print.h"

namespace cow::interleave {
namespace {

constexpr std::string_view kRuleSets[] = {"5.7", "5.14", "6.15"};
// So much for each program, and so much for one in which something was found.
constexpr Effort kEffort{.all = 200, .bounded = 200, .preemptions = 2, .random = 100, .seed = 1};
constexpr Effort kThorough{
    .all = 2000, .bounded = 2000, .preemptions = 2, .random = 1000, .seed = 1};

std::size_t rule_index(std::string_view name) {
  std::size_t i = 0;
  while (kRules[i].name != name) ++i;
  return i;
}

double seconds() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

std::size_t steps_of(const Program& program) {
  std::size_t n = program.before.size();
  for (const auto& column : program.columns) n += column.size();
  return n;
}

std::string in_words(const par::End& end, const Allowed& allowed, const trace::Trace& trace) {
  return par::describe(end.outcomes) + "; " +
         par::describe_state(end.state, allowed.block().places, trace.names);
}

// Something to be found, and how far the search for it is.
struct Quarry {
  std::string name, clause;
  std::optional<impl::Mutant> mutant;
  Odd odd = is_unexplained;
  bool needs_switch = true;  // away from a column that could have gone on
  std::uint64_t programs = 0, executions = 0;
  double spent = 0;
  bool found = false;
};

// A plain reference for writing, a fork, and another thread: in one of the two columns, or beside.
bool is_direct_io(const Program& program) {
  std::set<std::size_t> gets, forks;
  for (std::size_t c = 0; c < program.columns.size(); ++c)
    for (const Step& s : program.columns[c]) {
      if (s.op == Op::pin && s.prot == Prot::rw && !s.foll_pin) gets.insert(c);
      if (s.op == Op::fork) forks.insert(c);
    }
  return gets.size() == 1 && forks.size() == 1 && program.columns.size() > 1;
}

// Where the specification's events are coarser than the implementation's, what ships is not held
// against it. Taking a page and mapping it is one event there, so nobody runs out of frames because
// of a page that another thread takes for nothing. And a copy's switch is one event, after which
// the old page's reference goes: rule set 5.7, which asks the number of entries alone, can tell
// when that goes down.
bool is_judged(const Program& program, std::string_view rules) {
  bool fast = false;
  for (const auto& column : program.columns)
    for (const Step& s : column) fast = fast || (s.op == Op::pin && s.fast);
  return program.setup.frames == kEnoughFrames && !fast && rules != "5.7";
}

template <class Build> class Hunt {
 public:
  using Machine = impl::BasicMachine<Build>;

  Hunt(std::uint64_t programs, std::uint64_t first) : programs_(programs), first_(first) {
    // No program of the first thousands meets a migration between a protection and its flush.
    for (const impl::OrderMutantInfo& info : impl::kOrderMutants)
      if (info.mutant != impl::Mutant::migration_trusts_none)
        quarries_.push_back({std::string(info.name), std::string(info.clause), info.mutant});
    quarries_.push_back({"direct_io_and_fork", "ISO-2", std::nullopt, is_unsound});
    // It is wrong in every fork.
    for (Quarry& quarry : quarries_)
      quarry.needs_switch = quarry.mutant != impl::Mutant::fork_resume_skips_entry;
  }

  void run() {
    for (std::uint64_t seed = first_; seed < first_ + programs_; ++seed) take(draw(seed), seed);
    std::printf(
        "as it ships: %s; not judged: %llu with few frames, a fast reference or under 5.7; the "
        "specification: %.1f "
        "s\n",
        tried(shipped_).c_str(), static_cast<unsigned long long>(not_judged_), specification_);
    for (const Quarry& quarry : quarries_)
      expect(quarry.found, quarry.name + " was not found: " + tried(quarry));
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  static std::string tried(const Quarry& quarry) {
    return fmt::format("{} programs, {} executions, {:.2f} s", quarry.programs, quarry.executions,
                       quarry.spent);
  }
  void expect(bool holds, const std::string& otherwise) {
    if (!holds) std::printf("FAIL %s\n", otherwise.c_str());
    failed_ = failed_ || !holds;
  }
  void take(const Program& program, std::uint64_t seed) {
    bool told = false;
    for (const std::string_view rules : kRuleSets) {
      const std::size_t rule = rule_index(rules);
      const double begin = seconds();
      const Allowed allowed(program, kRules[rule]);
      specification_ += seconds() - begin;
      if (!allowed.orders().complete()) continue;
      const std::string where = fmt::format("seed {}, rule set {}", seed, rules);
      for (const par::Remark& remark : allowed.orders().remarks())
        expect(remark.verdict != judge::Verdict::none,
               where + ": the specification against itself: " + remark.disagreement.clause);
      if (!is_judged(program, rules)) {
        ++not_judged_;
      } else if (one(shipped_, allowed, kEffort)) {
        expect(false, where + ": an execution that the specification has not");
        if (!std::exchange(told, true)) tell(shipped_, program, rule);
        continue;
      }
      for (Quarry& quarry : quarries_) hunt(quarry, allowed, program, rule, where);
    }
  }
  // Before 6.15 other things than a plain reference go wrong, too.
  void hunt(Quarry& quarry, const Allowed& allowed, const Program& program, std::size_t rule,
            const std::string& where) {
    if (quarry.found) return;
    if (!quarry.mutant && kRules[rule].name != "6.15") return;
    if (!one(quarry, allowed, kEffort)) return;
    if (quarry.mutant && one(shipped_, allowed, kThorough)) return;
    quarry.found = true;
    std::printf("%s (%s): found in %s; %s\n", quarry.name.c_str(), quarry.clause.c_str(),
                tried(quarry).c_str(), where.c_str());
    const Program small = tell(quarry, program, rule);
    if (!quarry.mutant)
      expect(is_direct_io(small), "something else than a plain reference goes wrong");
  }
  // Looks through one program.
  std::optional<explore::Schedule> one(Quarry& quarry, const Allowed& allowed,
                                       const Effort& effort) {
    const Broken<Build> broken(quarry.mutant);
    const double begin = seconds();
    Looked looked;
    try {
      if (!quarry.needs_switch || !fails_in_turn(quarry, allowed))
        looked = look(allowed, Executions<Machine>(effort), quarry.odd);
    } catch (const explore::Unrepeatable&) {
      if (!quarry.mutant) unrepeatable(allowed);
    }
    ++quarry.programs;
    quarry.executions += looked.executions;
    quarry.spent += seconds() - begin;
    return looked.odd;
  }
  // Something outlives an execution, and decides how the next one goes.
  void unrepeatable(const Allowed& allowed) {
    const runner::Block& b = allowed.block();
    expect(false,
           "not repeatable: " + trace::print(trace_of({b.setup, b.before, b.columns},
                                                      rule_index(b.rules.name), "found", "", {})));
  }
  // Also where a column waits until the one before it is through, in some order of them.
  static bool fails_in_turn(const Quarry& quarry, const Allowed& allowed) {
    bool fails = false;
    Executions<Machine>().explored(
        allowed.block(), {.way = explore::Options::Way::bounded, .preemptions = 0},
        [&](const runner::Execution& e) { return !(fails = quarry.odd(allowed, e)); });
    return fails;
  }
  // Made small, and said as a trace that repeats it.
  Program tell(Quarry quarry, const Program& program, std::size_t rule) {
    const double begin = seconds();
    const auto fails = [&](const Program& candidate) {
      const Allowed allowed(candidate, kRules[rule]);
      if (quarry.mutant && one(shipped_, allowed, kThorough)) return false;
      return one(quarry, allowed, kThorough).has_value();
    };
    // As the trace says it: names are given anew.
    const Program small = program_of(trace_of(shrink(program, fails), rule, "found", "", {}));
    const Allowed allowed(small, kRules[rule]);
    const auto found = one(quarry, allowed, kThorough);
    if (!found) {
      expect(false, quarry.name + ": what was made small cannot be repeated");
      return small;
    }
    const Broken<Build> broken(quarry.mutant);
    const Executions<Machine> executions;
    explore::Schedule schedule =
        executions.shorten(allowed.block(), *found,
                           [&](const runner::Execution& e) { return quarry.odd(allowed, e); });
    if (schedule.empty()) schedule = {0};  // a line of a trace says one point at least
    runner::Block block = allowed.block();
    block.schedule = schedule;
    const trace::Trace trace = trace_of(small, rule, "found", "", schedule);
    executions.run(block, [&](const runner::Execution& e) {
      std::printf("%zu steps, %u switches, made small in %.2f s\n%s\n", steps_of(small),
                  switches_of(e.schedule), seconds() - begin, trace::print(trace).c_str());
      say(e, allowed, trace, quarry.odd(allowed, e));
      return true;
    });
    return small;
  }
  static void say(const runner::Execution& e, const Allowed& allowed, const trace::Trace& trace,
                  bool repeated) {
    if (!repeated) std::printf("which does not repeat it: something outlives an execution\n");
    if (!e.wrong.empty()) std::printf("wrong: %s\n", e.wrong.c_str());
    if (e.end.state.empty()) return;
    std::printf("came to: %s\n", in_words(e.end, allowed, trace).c_str());
    for (const par::Orders::Final& f : allowed.orders().finals())
      std::printf("allowed: %s\n", in_words(f.end, allowed, trace).c_str());
    std::printf("\n");
    std::fflush(stdout);
  }

  std::uint64_t programs_, first_;
  std::vector<Quarry> quarries_;
  Quarry shipped_{"as it ships", "", std::nullopt, is_unexplained, false};
  std::uint64_t not_judged_ = 0;
  double specification_ = 0;
  bool failed_ = false;
};

int run(std::uint64_t programs, std::uint64_t first) {
  bool failed = false;
  const auto hunt = [&]<class Build>(const ExploredBuildNamed<Build>&) {
    Hunt<Build> one(programs, first);
    one.run();
    failed = failed || one.failed();
  };
  std::apply([&](const auto&... builds) { (hunt(builds), ...); }, kBuilds);
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace cow::interleave

// interleave_from_nothing [PROGRAMS [FIRST_SEED]]
int main(int argc, char** argv) {
  return cow::interleave::run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 3000,
                              argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
}

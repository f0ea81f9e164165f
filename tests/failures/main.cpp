// failures FOLDER… [--pages FOLDER…]: each allocation of each step of each trace below fails once,
// under every rule set, on both ways to fork; in the latter folders those of pages alone, and no
// tables. As SQLite tests itself.
//
// After the failure the step has the outcome that the contract gives it, nothing else has changed
// that the lockstep knows of, the same step then works, and the rest of the trace goes on. At the
// end everybody exits, and no page and no table is left.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "impl/machine.h"
#include "judge/lockstep.h"
#include "logic/show.h"
#include "trace/parse.h"

namespace cow {
namespace {

struct Tally {
  std::uint64_t steps = 0, pages = 0, tables = 0;
  std::vector<std::string> wrong;
};

enum class Fails { page, table };

std::vector<Step> steps_of(const trace::Trace& trace) {
  std::vector<Step> steps;
  for (const trace::Item& item : trace.items)
    if (const auto* line = std::get_if<trace::StepLine>(&item)) steps.push_back(line->step);
  return steps;
}

bool has_par(const trace::Trace& trace) {
  return std::any_of(trace.items.begin(), trace.items.end(),
                     [](const auto& item) { return std::holds_alternative<trace::Par>(item); });
}

Step fail_step(Fails what, std::uint32_t nth) {
  Step step;
  step.op = what == Fails::page ? Op::sys_fail_alloc : Op::sys_fail_table;
  step.count = nth;
  return step;
}

// May the step say so where the allocation fails?
bool allowed(const Step& step, Outcome seen) {
  switch (step.op) {
    case Op::force_read:
    case Op::force_write: return seen == Outcome::segv;
    case Op::sys_migrate: return seen == Outcome::busy || seen == Outcome::oom;
    case Op::protect: return seen == Outcome::ok || seen == Outcome::oom;  // LOCK-1: not told
    case Op::advise:  // what swaps in for a collapse says EINVAL
      return seen == Outcome::oom || (step.advice == Advice::collapse && seen == Outcome::inval);
    default: return seen == Outcome::oom;
  }
}

template <class Impl> class Attempt {
 public:
  Attempt(const trace::Trace& trace, const std::vector<Step>& steps, const Rules& rules)
      : steps_(steps), both_(trace.setup, rules, judge::Depth::fast), rules_(rules) {}

  struct Without {
    Outcome outcome;
    std::uint32_t pages;  // that it asked for
  };
  // What each step comes to if nothing fails. A failure that is far off counts what is asked for.
  std::vector<Without> run_through() {
    constexpr std::uint32_t kFar = 1'000'000;
    std::vector<Without> all;
    for (const Step& step : steps_) {
      const bool own = both_.spec().m.memory.fail_in != 0;  // of the trace
      if (!own) take(fail_step(Fails::page, kFar));
      const Outcome outcome = take(step);
      all.push_back({outcome, own ? 0 : kFar - both_.spec().m.memory.fail_in});
      if (!own && step.op != Op::sys_fail_alloc) take(fail_step(Fails::page, 0));
    }
    return all;
  }

  // The nth allocation of step i fails. False: the step has none such.
  bool run(std::size_t i, Fails what, std::uint32_t nth, Outcome without) {
    for (std::size_t k = 0; k < i; ++k) take(steps_[k]);
    if (both_.spec().m.memory.fail_in != 0) return false;  // the trace has its own
    take(fail_step(what, nth));
    const Outcome seen = take(steps_[i]);
    const bool fired = what == Fails::page ? both_.spec().m.memory.fail_in == 0
                                           : both_.impl().table_failed_last_step();
    if (!fired) return false;
    // What has worked all the same is not taken again: a name may be taken by now.
    if (what != Fails::page || !falls_back(steps_[i], seen)) {
      if (!allowed(steps_[i], seen) && !lacks_huge_page(steps_[i], seen)) complain("says", seen);
      const Outcome again = take(steps_[i]);
      const bool still = again == Outcome::oom && without != Outcome::oom;
      if (still || refused(again) != refused(without)) complain("again, says", again);
    }
    for (std::size_t k = i + 1; k < steps_.size(); ++k) take(steps_[k]);
    unwind();
    return true;
  }
  [[nodiscard]] const std::vector<std::string>& wrong() const { return wrong_; }

 private:
  [[nodiscard]] bool has_hugetlb() const {
    return std::any_of(steps_.begin(), steps_.end(), [](const Step& s) { return s.hugetlb; });
  }
  // Hugetlb memory has no small page to fall back to; what is set aside fails too (HUGE-10).
  [[nodiscard]] bool lacks_huge_page(const Step& step, Outcome seen) const {
    const bool touches = step.op >= Op::read && step.op <= Op::pin;
    return touches && seen == Outcome::sigbus && has_hugetlb();
  }
  // Where no folio is to be had, a small page is: of faults in memory with huge pages (HUGE-6). Its
  // owner takes a hugetlb page from others (HUGE-3).
  [[nodiscard]] bool falls_back(const Step& step, Outcome seen) const {
    const auto huge = [](const Step& s) {
      return s.huge || s.hugetlb || (s.op == Op::advise && s.advice == Advice::hugepage);
    };
    const bool writes = step.op == Op::write || step.op == Op::force_write;
    const bool populates = step.op == Op::pin || step.op == Op::lock || step.op == Op::protect;
    const bool small_page = (writes && (seen == Outcome::fresh || seen == Outcome::copied)) ||
                            (populates && seen == Outcome::ok);
    return (writes && seen == Outcome::reused && has_hugetlb()) ||
           (small_page && std::any_of(steps_.begin(), steps_.end(), huge));
  }
  Outcome take(const Step& step) {
    const judge::Told told = both_.step(step);
    // That a page was lost is what every rule set lacks, and what some traces show.
    for (const judge::Disagreement& d : told.disagreements)
      if (d.clause != judge::kLostPage) wrong_.push_back(d.clause + " " + d.text);
    if (step.op == Op::sys_ref && told.result.outcome == Outcome::ok)
      strays_.push_back({step.process, step.region, step.first});
    return told.result.outcome;
  }
  void complain(const char* what, Outcome seen) {
    wrong_.push_back(fmt::format("{} {}", what, trace::kOutcomeWords[trace::index_of(seen)]));
  }

  // Everybody gives back what they have.
  void unwind() {
    Step step;
    for (const Slot& at : strays_) {
      step.op = Op::sys_unref;
      step.process = at.process;
      step.region = at.region;
      step.first = step.last = at.page;
      if (take(step) == Outcome::nosuch) lost_stray_ = true;  // its process has gone
    }
    std::uint32_t processes = 1, refs = 0;
    for (const Step& s : steps_) {
      if (s.op == Op::fork) processes = std::max(processes, index(s.child) + 1);
      if (s.op == Op::pin) refs = std::max(refs, index(s.ref) + 1);
    }
    for (std::uint32_t k = 0; k < refs; ++k) {
      step = {};
      step.op = Op::unpin;
      step.ref = Ref{k};
      take(step);
    }
    for (std::uint32_t p = 0; p < processes; ++p) {
      step = {};
      step.op = Op::exit;
      step.process = Pid{p};
      take(step);
    }
    for (const judge::Disagreement& d : both_.finish()) wrong_.push_back(d.clause + " " + d.text);
    if (lost_stray_) return;
    for (const Kind kind : {Kind::anon, Kind::shmem, Kind::ksm})
      if (const std::uint32_t left = both_.impl().allocated(kind); left != 0)
        wrong_.push_back(fmt::format("{} pages are left", left));
    if (both_.impl().tables_in_use() != 0) wrong_.push_back("tables are left");
  }

  const std::vector<Step>& steps_;
  judge::Lockstep<spec::Specification, Impl> both_;
  const Rules& rules_;
  std::vector<Slot> strays_;
  bool lost_stray_ = false;
  std::vector<std::string> wrong_;
};

template <class Impl>
void try_trace(const trace::Trace& trace, const Rules& rules, bool tables, Tally& tally) {
  constexpr std::uint32_t kAny = 1'000'000;  // as many as there are
  const std::vector<Step> steps = steps_of(trace);
  const bool own_failures = std::any_of(steps.begin(), steps.end(),
                                        [](const Step& s) { return s.op == Op::sys_fail_table; });
  tables = tables && !own_failures;
  const auto without = Attempt<Impl>(trace, steps, rules).run_through();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    ++tally.steps;
    if (steps[i].op == Op::sys_fail_alloc || steps[i].op == Op::sys_fail_table) continue;
    for (const Fails what : {Fails::page, Fails::table}) {
      const std::uint32_t most = what == Fails::page ? without[i].pages : tables ? kAny : 0;
      for (std::uint32_t nth = 1; nth <= most; ++nth) {
        Attempt<Impl> attempt(trace, steps, rules);
        if (!attempt.run(i, what, nth, without[i].outcome)) break;
        ++(what == Fails::page ? tally.pages : tally.tables);
        for (const std::string& wrong : attempt.wrong())
          tally.wrong.push_back(fmt::format("{} {} step {}, {} {}: {}", trace.file, rules.name,
                                            i + 1, what == Fails::page ? "page" : "table", nth,
                                            wrong));
      }
    }
  }
}

// Where a step has thousands of allocations, other tests fail some of them: each failure begins the
// trace anew.
bool is_large(const trace::Trace& trace) {
  const std::vector<Step> steps = steps_of(trace);
  return std::any_of(steps.begin(), steps.end(), [](const Step& s) {
    return (s.op == Op::map && s.count > 4096) || (s.op == Op::lock && s.last - s.first > 64);
  });
}

int run(const std::vector<std::string>& folders) {
  Tally tally;
  std::uint64_t traces = 0;
  std::vector<std::string> left_out;
  bool tables = true;
  for (const std::string& folder : folders) {
    if (folder == "--pages") {
      tables = false;
      continue;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.path().extension() == ".cow") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      std::ifstream in(file);
      const std::string text((std::istreambuf_iterator<char>(in)),
                             std::istreambuf_iterator<char>());
      const trace::Parsed parsed = trace::parse(file.filename(), text, trace::NameRule::free);
      const auto* trace = std::get_if<trace::Trace>(&parsed);
      if (trace == nullptr || trace::first_unmodelled(*trace) || has_par(*trace) ||
          is_large(*trace)) {
        left_out.push_back(file.stem());
        continue;
      }
      ++traces;
      for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
        if (!trace->is_for(rule)) continue;
        try_trace<impl::Machine>(*trace, kRules[rule], tables, tally);
        try_trace<impl::SharedTablesMachine>(*trace, kRules[rule], tables, tally);
      }
    }
  }
  for (std::size_t i = 0; i < tally.wrong.size() && i < 50; ++i) fmt::print("{}\n", tally.wrong[i]);
  fmt::print("left out, as they have par, steps that are not modelled, or too many pages:");
  for (const std::string& name : left_out) fmt::print(" {}", name);
  fmt::print("\n{} traces, {} steps: {} pages and {} tables could not be had, {} complaints\n",
             traces, tally.steps, tally.pages, tally.tables, tally.wrong.size());
  return tally.wrong.empty() && tally.pages != 0 && tally.tables != 0 ? 0 : 1;
}

}  // namespace
}  // namespace cow

int main(int argc, char** argv) { return cow::run({argv + 1, argv + argc}); }

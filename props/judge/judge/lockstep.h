// The specification and the implementation take one step after another; everything that they show
// is compared, and what the ideal machine knows better is judged.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "cow/rules.h"
#include "judge/contents.h"
#include "judge/disagreement.h"
#include "judge/judge.h"
#include "judge/same_views.h"
#include "logic/check.h"
#include "trace/words.h"

namespace cow::judge {

// What a step came to in every machine.
struct Told {
  Result result;
  Verdict verdict = Verdict::none;
  Disagreements disagreements;  // empty: all as it should be
};

// How much is looked at besides what the machines show. `full`: the specification's invariants and
// the implementation's own counts after every step; `fast`: the counts at the end only. Beyond
// kManyEntries `full` is as `fast`, and views are compared now and then.
enum class Depth { full, fast };
inline constexpr std::size_t kManyEntries = 512;

template <class Spec, class Impl> class Lockstep {
 public:
  Lockstep(const Setup& setup, const Rules& rules, Depth depth)
      : spec_(setup, rules), impl_(setup, rules), judge_(setup), depth_(depth) {}
  Lockstep(const Setup& setup, const Rules& rules) : Lockstep(setup, rules, Depth::full) {}
  Lockstep(const Lockstep&) = delete;
  Lockstep& operator=(const Lockstep&) = delete;

  Told step(const Step& step) {
    Told told;
    if (alone_) {
      step_alone(step, told);
    } else {
      judge_.before(spec_, step);
      told.result = spec_.run(step);
      const Result seen = impl_.run(step);
      if (table_failed()) leave(step, seen, told);
      else step_both(step, seen, told);
    }
    if (told.verdict == Verdict::missed || told.verdict == Verdict::wrong) sound_ = false;
    if (sound_ && !refused(told.result.outcome))
      check_read(ideal(), references(), step, told.result, told.disagreements);
    if (looks_deep()) count(told.disagreements);
    return told;
  }
  // At the end of a trace: what was not looked at on the way.
  Disagreements finish() {
    Disagreements out;
    if (!looks_deep()) count(out);
    if constexpr (requires { impl_.check_tables(); })
      if (const std::optional<std::string> wrong = impl_.check_tables())
        out.push_back({"CNT-1", *wrong, std::nullopt, std::nullopt});
    if (!alone_ && steps_since_ != 0) compare(out);
    return out;
  }
  // Called after each step that both machines took, for clauses that somebody else knows.
  void check_each(std::function<void(const Spec&, const Impl&, Disagreements&)> check) {
    check_ = std::move(check);
  }

  [[nodiscard]] const Spec& spec() const { return spec_; }
  [[nodiscard]] const Impl& impl() const { return impl_; }
  [[nodiscard]] const spec::IdealMachine& ideal() const {
    return alone_ ? alone_->ideal() : judge_.ideal();
  }
  [[nodiscard]] const References& references() const {
    return alone_ ? alone_->references() : judge_.references();
  }
  // The watched entries after the last step: the specification's, or the implementation's if alone.
  [[nodiscard]] const std::vector<Seen>& entries() const {
    return alone_ ? alone_->entries() : judge_.entries();
  }
  // After a page-table page could not be had, which the specification knows nothing of, the
  // implementation goes on alone: judged by contents, counts and `oom`.
  [[nodiscard]] bool spec_has_left() const { return alone_.has_value(); }
  // f(machine) on the one whose facts count.
  decltype(auto) on_facts(auto f) const { return alone_ ? f(impl_) : f(spec_); }

 private:
  // Each step of a small machine; of a large one now and then, so that time stays linear. Not so
  // once tables may fail: the pairs of frames are needed when the specification leaves.
  bool due() {
    const std::size_t work = judge_.entries().size();
    if (work <= kManyEntries || tables_fail_ || ++steps_since_ * kManyEntries >= work) return true;
    views_.skip();
    return false;
  }
  void compare(Disagreements& out) {
    steps_since_ = 0;
    views_.compare(spec_, impl_, judge_.entries(), judge_.watched(), judge_.references(), out);
    check_shared_contents(spec_, judge_.ideal(), judge_.entries(), out);
  }
  [[nodiscard]] bool looks_deep() const {
    return depth_ == Depth::full && entries().size() <= kManyEntries;
  }
  void step_both(const Step& step, const Result& seen, Told& told) {
    told.verdict = judge_.after(spec_, step, told.result);
    if (told.result != seen) differ(told.result, seen, told.disagreements);
    check_lost(judge_.lost(), told.disagreements);
    tables_fail_ = tables_fail_ || step.op == Op::sys_fail_table;
    if (due()) compare(told.disagreements);
    if (looks_deep()) check_invariants(told.disagreements);
    if (check_) check_(spec_, impl_, told.disagreements);
  }
  void leave(const Step& step, const Result& seen, Told& told) {
    alone_.emplace(
        judge_.template moved_to<Impl>([this](Frame f) { return views_.pairs().right_of(f); }));
    told.result = seen;
    told.verdict = alone_->after(impl_, step, seen);
    const bool silent = step.op == Op::protect;  // what it populates, it does not say. LOCK-1
    if (seen.outcome != Outcome::oom && !silent && !forced(step, seen))
      told.disagreements.push_back({"ERR-2", "no page table was to be had, and the step worked",
                                    std::nullopt, std::nullopt});
    check_shared_contents(impl_, ideal(), entries(), told.disagreements);
  }
  // Forced accesses call every refusal segv.
  static bool forced(const Step& step, const Result& seen) {
    return (step.op == Op::force_read || step.op == Op::force_write) &&
           seen.outcome == Outcome::segv;
  }
  void step_alone(const Step& step, Told& told) {
    alone_->before(impl_, step);
    told.result = impl_.run(step);
    told.verdict = alone_->after(impl_, step, told.result);
    check_lost(alone_->lost(), told.disagreements);
    check_shared_contents(impl_, ideal(), entries(), told.disagreements);
  }
  bool table_failed() const {
    if constexpr (requires { impl_.table_failed_last_step(); })
      return impl_.table_failed_last_step();
    else return false;
  }
  void check_invariants(Disagreements& out) {
    for (const spec::Broken& b : invariants_.run())
      out.push_back({b.clause, b.witness, std::nullopt, std::nullopt});
  }
  void count(Disagreements& out) const {
    if constexpr (requires { impl_.check_counts(); })
      if (const std::optional<std::string> wrong = impl_.check_counts())
        out.push_back({"CNT-1", *wrong, std::nullopt, std::nullopt});
  }
  static void differ(const Result& spec, const Result& impl, Disagreements& out) {
    const auto text = [](const Result& r) {
      const std::string word{trace::kOutcomeWords[trace::index_of(r.outcome)]};
      return r.has_value ? word + " " + std::to_string(r.value) : word;
    };
    out.push_back({kSameOutcome, "specification " + text(spec) + ", implementation " + text(impl),
                   std::nullopt, std::nullopt});
  }

  Spec spec_;
  Impl impl_;
  Judge<Spec> judge_;
  std::optional<Judge<Impl>> alone_;  // once the specification has left
  SameViews<Spec, Impl> views_;
  std::function<void(const Spec&, const Impl&, Disagreements&)> check_;
  decltype(spec::Check(std::declval<Spec&>().m)) invariants_{spec_.m};
  Depth depth_;
  std::size_t steps_since_ = 0;  // the last comparison
  bool tables_fail_ = false;     // `sys fail table` was said
  bool sound_ = true;  // nothing missed or wrong so far: every read must see the ideal byte
};

}  // namespace cow::judge

#include "laws/run.h"

#include <algorithm>
#include <utility>

namespace cow::laws {
namespace {

// References of which `wrong` was said since the last call.
class Parted {
 public:
  const std::vector<Ref>& since(const judge::References& references) {
    now_.clear();
    for (const judge::Reference& r : references.live()) {
      if (index(r.name) >= told_.size()) told_.resize(index(r.name) + 1);
      if (r.told && !told_[index(r.name)]) now_.push_back(r.name);
      told_[index(r.name)] = r.told;
    }
    return now_;
  }

 private:
  std::vector<bool> told_;
  std::vector<Ref> now_;
};

std::string text_of(const judge::Disagreements& all) {
  constexpr std::size_t kMost = 6;
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), kMost); ++i)
    text += (text.empty() ? "" : "; ") + all[i].clause + ": " + all[i].text;
  if (all.size() > kMost) text += "; and " + std::to_string(all.size() - kMost) + " more";
  return text;
}

}  // namespace

void Tally::note(const Step& step, const judge::Told& told) {
  ++steps;
  ++outcomes[static_cast<std::size_t>(told.result.outcome)];
  ++verdicts[static_cast<std::size_t>(told.verdict)];
  if (refused(told.result.outcome)) return;
  deaths += step.op == Op::exit;
  forks += step.op == Op::fork;
  pins += step.op == Op::pin;
  writes_through += step.op == Op::ref_write;
}

Tally& Tally::operator+=(const Tally& other) {
  cases += other.cases;
  steps += other.steps;
  deaths += other.deaths;
  forks += other.forks;
  pins += other.pins;
  writes_through += other.writes_through;
  for (std::size_t i = 0; i < outcomes.size(); ++i) outcomes[i] += other.outcomes[i];
  for (std::size_t i = 0; i < verdicts.size(); ++i) verdicts[i] += other.verdicts[i];
  return *this;
}

Ran run(const Law& law, const Rules& rules, const Case& test, const MakeMachines& make,
        Tally* tally) {
  const std::unique_ptr<Machines> machines = make(test.setup, rules);
  Scene before, after;
  before.bounds = after.bounds = bounds_of(test.steps);
  machines->look_at(before);
  Ledger ledger;
  ledger.start(before.bounds);
  Parted parted;
  const Watch watch = law.start();
  Ran ran;
  if (tally != nullptr) ++tally->cases;
  for (std::size_t i = 0; i < test.steps.size(); ++i) {
    const Step& step = test.steps[i];
    judge::Told told = machines->step(step);
    if (i + 1 == test.steps.size())
      for (const judge::Disagreement& d : machines->finish()) told.disagreements.push_back(d);
    if (tally != nullptr) tally->note(step, told);
    after.pages.resize(before.pages.size());
    machines->look_at(after);
    const Moment moment{rules,
                        step,
                        told.result,
                        told.verdict,
                        before,
                        after,
                        ledger,
                        machines->ideal(),
                        parted.since(machines->references()),
                        told.disagreements};
    const Seen seen = watch(moment);
    if (seen == Seen::broken) return {Seen::broken, ran.met + 1, i, text_of(told.disagreements)};
    ran.met += seen == Seen::holds;
    ledger.note(step, told.result, before);
    std::swap(before, after);
  }
  ran.seen = ran.met > 0 ? Seen::holds : Seen::other;
  return ran;
}

}  // namespace cow::laws

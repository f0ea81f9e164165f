// A wrong variant of the specification may come to where its own tables contradict each other, and
// one of them is asked for what it does not have. That tells it from the right machine, and is the
// end of the run.
#pragma once

#include <memory>
#include <stdexcept>
#include <utility>

#include "laws/machines.h"

namespace cow::mutants {

class Stopped : public laws::Machines {
 public:
  explicit Stopped(std::unique_ptr<laws::Machines> machines) : machines_(std::move(machines)) {}
  judge::Told step(const Step& step) override {
    if (stopped_) return {};
    try {
      return machines_->step(step);
    } catch (const std::out_of_range&) {
      stopped_ = true;
      judge::Told told;
      told.disagreements.push_back(
          {"CNT-1", "tables contradict each other", std::nullopt, std::nullopt});
      return told;
    }
  }
  judge::Disagreements finish() override {
    return stopped_ ? judge::Disagreements{} : machines_->finish();
  }
  // Of one that has stopped nothing is shown.
  void look_at(laws::Scene& scene) const override {
    if (!stopped_) machines_->look_at(scene);
  }
  [[nodiscard]] const spec::IdealMachine& ideal() const override { return machines_->ideal(); }
  [[nodiscard]] const judge::References& references() const override {
    return machines_->references();
  }

 private:
  std::unique_ptr<laws::Machines> machines_;
  bool stopped_ = false;
};

}  // namespace cow::mutants

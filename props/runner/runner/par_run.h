// The part of a run from the first par block on: on the specification in every execution, and on an
// implementation in those that it is run in.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "par/orders.h"
#include "runner/executions.h"
#include "runner/findings.h"

namespace cow::runner {

class ParRun {
 public:
  ParRun(Findings& findings, const Implementations& implementations);

  // A step before the first block; its run is told elsewhere.
  void before(const Step& step);
  // Each item from the first block on.
  void take(const trace::Item& item);
  [[nodiscard]] bool has_begun() const { return begun_; }

 private:
  // One way that the blocks so far may have gone.
  struct Branch {
    par::World world;
    std::map<std::string, std::optional<std::uint8_t>> bindings;  // nothing: the read was refused
  };
  struct Lines;

  void block(const trace::Par& par);
  void step(const trace::StepLine& item);
  void fact(const trace::Fact& fact);
  void judgement(const trace::Judgement& item);
  void compare(const Executions& implementation, const std::string& which, const trace::Par& par,
               const std::vector<par::Orders>& orders, const par::Columns& columns);
  void hold(const Lines& lines, const par::Orders& orders);
  [[nodiscard]] std::vector<Step> steps_after(const trace::Par& par) const;
  [[nodiscard]] std::string bindings_text(const Branch& branch) const;

  Findings& findings_;
  Implementations implementations_;
  par::Places places_;
  std::vector<Step> taken_;  // before the block, earlier blocks column after column
  std::vector<Branch> branches_;
  bool begun_ = false;
};

}  // namespace cow::runner

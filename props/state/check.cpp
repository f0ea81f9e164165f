#include "state/check.h"

#include "state/decide.h"

namespace cow::state {

std::vector<Finding> check(const trace::State& state) {
  z3::context context;
  Pages pages(context, state);
  std::vector<Finding> findings;
  for (const Clause& clause : all_clauses()) {
    std::vector<Instance> instances;
    for (const Page& p : pages.all()) clause.instances(pages, p, instances);
    for (Finding& f : decide(clause.name, instances)) findings.push_back(std::move(f));
  }
  return findings;
}

const std::vector<std::string_view>& clauses() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const Clause& clause : all_clauses()) all.push_back(clause.name);
    return all;
  }();
  return names;
}

}  // namespace cow::state

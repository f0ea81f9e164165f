#include "prove/path.h"

#include <stdexcept>

namespace cow::prove {

thread_local Path* current_path = nullptr;

z3::context& context() {
  static thread_local z3::context ctx;
  return ctx;
}

Bool::operator bool() const {
  if (!current_path) throw std::logic_error("a clause used a fact as an if-condition");
  return current_path->decide(e);
}

bool Path::decide(const z3::expr& condition) {
  const z3::expr c = condition.simplify();
  if (c.is_true()) return true;
  if (c.is_false()) return false;
  const bool negated = c.is_not();
  const z3::expr atom = negated ? c.arg(0) : c;
  const auto known = answers_.find(atom.id());
  if (known != answers_.end()) return known->second != negated;
  const bool go = taken_.size() < script_.size() ? script_[taken_.size()] : true;
  taken_.push_back(go);
  keep_.push_back(atom);
  answers_[atom.id()] = go;
  conditions_.push_back(go ? atom : !atom);
  return go != negated;
}

void Path::settle(const Bool& b) {
  const z3::expr c = b.e.simplify();
  const z3::expr atom = c.is_not() ? c.arg(0) : c;
  keep_.push_back(atom);
  answers_[atom.id()] = !c.is_not();
  assume(b);
}

std::vector<bool> Path::next_script() const {
  std::vector<bool> script = taken_;
  while (!script.empty() && !script.back()) script.pop_back();
  if (!script.empty()) script.back() = false;
  return script;
}

}  // namespace cow::prove

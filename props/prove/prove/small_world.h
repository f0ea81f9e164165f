// A finite world: every clause written out for a few slots, frames and references, every function
// confined to them. What Z3 finds here is a concrete state: it shows that a path can be taken, and
// how an obligation fails.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "prove/clauses.h"

namespace cow::prove {

class SmallWorld {
 public:
  explicit SmallWorld(int pages = 2);
  // Adds a formula, its quantifiers written out over the world.
  void add(const z3::expr& formula);
  void push();
  void pop() {
    solver_.pop();
    confined_.clear();
  }
  z3::check_result check();
  // The state that the last check found, as a .cowstate with what the language does not say in
  // comments.
  std::string state(const World& before) const;

 private:
  std::vector<z3::expr> domain(const z3::sort& sort) const;
  z3::expr ground(const z3::expr& e) const;
  void confine(const z3::expr& e);  // its values lie in the world

  z3::solver solver_;
  std::map<std::string, std::vector<z3::expr>> domains_;
  std::set<unsigned> confined_;
};

}  // namespace cow::prove

// One path through a step: the answers given at each condition, and what was assumed on the way.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "prove/terms.h"

namespace cow::prove {

class Path {
 public:
  explicit Path(std::vector<bool> script) : script_(std::move(script)) {}

  // Which way the condition goes on this path. Asked again for the same condition, the same way.
  bool decide(const z3::expr& condition);
  void assume(const Bool& b) { conditions_.push_back(b.e); }
  // Assumed, and answered so where an `if` asks: the other way is another step's.
  void settle(const Bool& b);

  const std::vector<z3::expr>& conditions() const { return conditions_; }
  // The script of the next path in depth-first order; empty where this was the last.
  std::vector<bool> next_script() const;
  // A name for a value that the step invents: the same name at the same place of every path.
  std::string fresh_name(const std::string& stem) {
    return stem + "!" + std::to_string(++fresh_[stem]);
  }
  std::set<std::string> written;  // columns written on this path

 private:
  std::vector<bool> script_, taken_;
  std::vector<z3::expr> conditions_;
  std::map<unsigned, bool> answers_;  // by Z3's id of the condition
  std::map<std::string, int> fresh_;
  std::vector<z3::expr> keep_;  // keeps those ids alive
};

// The path that conditions and tables belong to. There is none outside a step: then a condition in
// an `if` is an error, which is what keeps clauses total.
extern thread_local Path* current_path;

}  // namespace cow::prove

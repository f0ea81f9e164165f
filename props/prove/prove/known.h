// What has been proved, so that a question of one rule set that another's proof has answered is not
// asked again: the same formula from the same conditions, and from no fewer clauses.
//
// Z3 gives equal formulas of one context one id, as long as one of them is kept.
#pragma once

#include <z3++.h>

#include <map>
#include <vector>

namespace cow::prove {

class Known {
 public:
  // A set of formulas.
  class Set {
   public:
    void add(const z3::expr& e);
    bool within(const Set& other) const;
    bool operator<(const Set& other) const { return ids_ < other.ids_; }

   private:
    friend class Known;
    std::vector<unsigned> ids_;  // sorted
    std::vector<z3::expr> kept_;
  };

  // Is the goal proved under the conditions, from some of the clauses?
  bool has(const Set& clauses, const Set& conditions, const z3::expr& goal) const;
  void add(const Set& clauses, const Set& conditions, const z3::expr& goal);

 private:
  struct Proof {
    std::size_t clauses;  // place in clauses_
    z3::expr goal;
  };
  std::map<Set, std::map<unsigned, std::vector<Proof>>> proofs_;  // by conditions, by the goal's id
  std::vector<Set> clauses_;
};

}  // namespace cow::prove

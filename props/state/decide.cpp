// One ground formula a clause, grouped by page, with a variable for the witness. What is settled by
// the facts is asked for a witness directly. Of the rest, a clause is violated where no way to fill
// in what is not said lets it hold, and unknown where some way breaks it.
#include "state/decide.h"

#include <optional>

namespace cow::state {

namespace {

class Search {
 public:
  Search(std::string_view clause, z3::context& c) : clause_(clause), c_(c) {}

  // Every violation among instances without a free part.
  void settled(const std::vector<const Instance*>& instances) {
    if (instances.empty()) return;
    z3::solver solver(c_, "QF_LIA");
    solver.add(some_broken(instances));
    while (!full() && solver.check() == z3::sat) {
      const Instance& found = *instances[chosen(solver, instances)];
      violated(found);
      for (std::size_t i = 0; i < instances.size(); ++i)  // one of each page
        if (instances[i]->page == found.page) solver.add(!witness(i));
    }
  }

  // The rest: they hold for no way to fill in, for some, or for all. Pages do not speak of each
  // other, so they are asked about in batches: Z3's arithmetic takes the square of a batch's
  // length.
  void open(const std::vector<const Instance*>& instances) {
    constexpr std::size_t kBatch = 64;
    std::vector<const Instance*> batch;
    for (const Instance* i : instances) {
      if (batch.size() >= kBatch && batch.back()->page != i->page) {
        open_batch(std::move(batch));
        batch.clear();
      }
      batch.push_back(i);
    }
    if (!batch.empty()) open_batch(std::move(batch));
    if (findings_.empty() && unknown_) findings_.push_back(*unknown_);
  }

  std::vector<Finding> findings() && {
    if (findings_.empty()) findings_.push_back({std::string(clause_), Status::held, 0, ""});
    return std::move(findings_);
  }

 private:
  void open_batch(std::vector<const Instance*> instances) {
    z3::solver solver(c_, "QF_LIA");
    const Page* page = nullptr;
    for (const Instance* i : instances) {
      if (i->page == page) continue;
      page = i->page;
      for (const z3::expr& fact : page->facts) solver.add(fact);
    }
    while (!full() && drop_impossible(solver, instances)) {
    }
    if (instances.empty() || unknown_ || !findings_.empty()) return;
    solver.add(some_broken(instances));
    if (solver.check() != z3::sat) return;
    const Instance& found = *instances[chosen(solver, instances)];
    unknown_ = Finding{std::string(clause_), Status::unknown, found.line,
                       "not enough is said about frame " + std::to_string(found.page->number)};
  }

  // The witness, a choice among the instances: as numbers Z3 would order them, and take its time.
  z3::expr witness(std::size_t i) const {
    return c_.bool_const(("witness!" + std::to_string(i)).c_str());
  }
  bool full() const { return findings_.size() >= kMostWitnesses; }

  z3::expr some_broken(const std::vector<const Instance*>& instances) const {
    z3::expr_vector some(c_), choice(c_);
    for (std::size_t i = 0; i < instances.size(); ++i) {
      if (instances[i]->holds.is_true()) continue;
      some.push_back(witness(i));
      choice.push_back(z3::implies(witness(i), !instances[i]->holds));
    }
    return z3::mk_or(some) && z3::mk_and(choice);
  }

  std::size_t chosen(const z3::solver& solver,
                     const std::vector<const Instance*>& instances) const {
    const z3::model model = solver.get_model();
    std::size_t i = 0;
    while (i + 1 < instances.size() && !model.eval(witness(i), false).is_true()) ++i;
    return i;
  }

  void violated(const Instance& i) {
    findings_.push_back({std::string(clause_), Status::violated, i.line, i.witness()});
  }

  // Finds an instance that holds in no way, tells it, and takes its page out. False: there is none.
  bool drop_impossible(z3::solver& solver, std::vector<const Instance*>& instances) {
    if (instances.empty()) return false;
    solver.push();
    for (const Instance* i : instances) solver.add(i->holds);
    const bool none = solver.check() != z3::unsat;
    solver.pop();
    if (none) return false;
    // Halving: pages do not speak of each other, so one half is impossible by itself.
    std::size_t first = 0, last = instances.size();
    for (std::size_t middle = cut(instances, first, last); middle != last;
         middle = cut(instances, first, last)) {
      solver.push();
      for (std::size_t i = first; i < middle; ++i) solver.add(instances[i]->holds);
      const bool here = solver.check() == z3::unsat;
      solver.pop();
      (here ? last : first) = middle;
    }
    const Instance& found = *instances[first];
    violated(found);
    std::erase_if(instances, [&](const Instance* i) { return i->page == found.page; });
    return true;
  }

  // Where a page ends, near the middle; last if there is one page only.
  static std::size_t cut(const std::vector<const Instance*>& instances, std::size_t first,
                         std::size_t last) {
    const auto ends_page = [&](std::size_t i) {
      return instances[i - 1]->page != instances[i]->page;
    };
    const std::size_t middle = first + (last - first) / 2;
    for (std::size_t i = middle; i > first; --i)
      if (ends_page(i)) return i;
    for (std::size_t i = middle + 1; i < last; ++i)
      if (ends_page(i)) return i;
    return last;
  }

  std::string_view clause_;
  z3::context& c_;
  std::vector<Finding> findings_;
  std::optional<Finding> unknown_;
};

}  // namespace

std::vector<Finding> decide(std::string_view clause, const std::vector<Instance>& instances) {
  if (instances.empty()) return {{std::string(clause), Status::held, 0, ""}};
  std::vector<const Instance*> settled, open;
  for (const Instance& i : instances) (is_settled(i.holds) ? settled : open).push_back(&i);
  Search search(clause, instances.front().holds.ctx());
  search.settled(settled);
  search.open(open);
  return std::move(search).findings();
}

}  // namespace cow::state

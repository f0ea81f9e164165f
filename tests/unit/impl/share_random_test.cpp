// Fork that shares tables and fork that copies them, side by side: the same outcomes, and the same
// facts after every step.
#include "random_steps.h"
#include "same_facts.h"

namespace cow::test {
namespace {

// Two machines that take the same steps. Tables are the one thing of which they need different
// numbers: where one of them was to have one and could not, it takes the step again. That it can,
// says that nothing was half done. Only a protect that could not populate all of its locked memory
// says ok, and cannot be taken again: it ends the comparison.
template <class Copies, class Shares> class Twins {
 public:
  Twins(const Setup& setup, const Rules& rules) : copies_(setup, rules), shares_(setup, rules) {}

  // What differs, or ""
  std::string operator()(const Step& s) {
    const Result l = run(copies_, s), r = run(shares_, s);
    last_ = l.outcome;
    std::ostringstream out;
    if (!comparable_) return "";
    if (l != r) out << "outcome " << l << " and " << r;
    else if (auto wrong = facts_.differ(copies_, shares_)) out << *wrong;
    else if (auto miscounted = shares_.check_counts()) out << *miscounted;
    else if (auto tables = shares_.check_tables()) out << *tables;
    return out.str();
  }
  Outcome last() const { return last_; }
  bool comparable() const { return comparable_; }

 private:
  template <class Machine> Result run(Machine& m, const Step& s) {
    for (;;) {
      const Result r = m.run(s);
      if (!m.table_failed_last_step()) return r;
      if (s.op == Op::protect && r.outcome == Outcome::ok) comparable_ = false;
    }
  }

  Copies copies_;
  Shares shares_;
  SameFacts<Copies, Shares> facts_;
  Outcome last_ = Outcome::ok;
  bool comparable_ = true;
};

template <class Copies, class Shares>
void compare(std::uint32_t seeds, int steps, bool far, std::array<std::uint32_t, 16>& seen,
             bool huge = false) {
  for (std::uint32_t seed = 0; seed < seeds; ++seed) {
    Twins<Copies, Shares> twins(RandomSteps::setup(seed), kRules[seed % kRules.size()]);
    RandomSteps next(seed, far, huge);
    for (int i = 0; i < steps && twins.comparable(); ++i) {
      const Step s = next();
      const std::string wrong = twins(s);
      ++seen[static_cast<std::size_t>(twins.last())];
      ASSERT_EQ(wrong, "") << "seed " << seed << ", step " << i << ", op " << int(s.op) << " of P"
                           << index(s.process);
    }
  }
}

TEST(SharedTables, ShowTheFactsOfCopiedOnes) {
  std::array<std::uint32_t, 16> seen{};
  compare<impl::Machine, impl::SharedTablesMachine>(1500, 120, false, seen);
  for (const Outcome o : {Outcome::hit, Outcome::zero, Outcome::fresh, Outcome::filled,
                          Outcome::copied, Outcome::reused, Outcome::enabled, Outcome::segv,
                          Outcome::sigbus, Outcome::oom, Outcome::nosuch, Outcome::inval})
    EXPECT_GT(seen[static_cast<std::size_t>(o)], 20u) << o;
}

TEST(SharedTables, ShowThemWhereTablesLieFarApart) {
  std::array<std::uint32_t, 16> seen{};
  compare<impl::OneThreadMachine, impl::SharedTablesOneThreadMachine>(1000, 120, true, seen);
}

TEST(SharedTables, ShowThemWhereHugePagesAre) {
  std::array<std::uint32_t, 16> seen{};
  compare<impl::Machine, impl::SharedTablesMachine>(60, 120, false, seen, true);
}

}  // namespace
}  // namespace cow::test

#include "laws/find.h"

#include <algorithm>

#include "laws/random.h"
#include "laws/run.h"
#include "laws/shrink.h"

namespace cow::laws {
namespace {

// What a person would type is no longer than this; a longer witness is looked at again.
constexpr std::size_t kShort = 7;
constexpr int kTries = 5;

template <judge::Verdict V> Seen shows(const Moment& m) {
  return m.verdict == V ? Seen::broken : Seen::other;
}
// By the program's own write: isolation without any reference that writes.
Seen misses_own_write(const Moment& m) {
  return m.is(Op::write) || m.is(Op::force_write) ? shows<judge::Verdict::missed>(m) : Seen::other;
}

Law verdict_law(std::string_view name, std::string_view clauses, std::string_view profile,
                Watch (*start)(), bool get_rw = false) {
  return {name, clauses, name, profile, start, kEveryRule, 0, get_rw};
}

// What is said of whole traces comes before what is said of single entries, and small worlds and
// plain read-write gets have their place: first, and last.
int rank(const Law& law) {
  const bool verdict = law.profile.substr(0, 6) == "narrow";
  return (law.get_rw ? 2 : 0) + (verdict ? 0 : 1);
}

class Search {
 public:
  Search(const Law& law, const Rules& rules, const MakeMachines& make)
      : law_(law),
        rules_(rules),
        make_(make),
        profile_(law.get_rw ? with_get_rw(profile(law.profile)) : profile(law.profile)),
        decoder_(profile_) {}

  bool try_one(Random& random, std::uint32_t size) {
    words_.resize(2 + random.next() % size);
    for (std::uint64_t& w : words_) w = random.next();
    decoder_.decode(words_, size, test_);
    return run(law_, rules_, test_, make_, &tally_).seen == Seen::broken;
  }
  [[nodiscard]] const Case& test() const { return test_; }
  [[nodiscard]] std::uint64_t steps() const { return tally_.steps; }

 private:
  const Law& law_;
  const Rules& rules_;
  const MakeMachines& make_;
  Profile profile_;
  Decoder decoder_;
  Words words_;
  Case test_;
  Tally tally_;
};

}  // namespace

std::vector<Law> laws_for(std::string_view verdict) {
  using judge::Verdict;
  if (verdict == "missed")
    return {verdict_law(verdict, "ISO-1", "narrow", stateless<misses_own_write>),
            verdict_law(verdict, "ISO-2", "narrow", stateless<shows<Verdict::missed>>),
            verdict_law(verdict, "ISO-1", "narrow_swap", stateless<misses_own_write>),
            verdict_law(verdict, "ISO-2", "narrow", stateless<shows<Verdict::missed>>, true)};
  if (verdict == "wrong")
    return {verdict_law(verdict, "COH-1", "narrow", stateless<shows<Verdict::wrong>>),
            verdict_law(verdict, "COH-1", "narrow", stateless<shows<Verdict::wrong>>, true)};
  if (verdict == "unnecessary")
    return {verdict_law(verdict, "MIN-1", "narrow_stray", stateless<shows<Verdict::unnecessary>>)};
  std::vector<Law> wanted;
  for (const Law& law : laws())
    if (answers_to(law, verdict)) wanted.push_back(law);
  for (Law& law : wanted) {
    if (law.profile == "references") law.profile = "narrow";
    if (law.profile == "stray") law.profile = "narrow_stray";
  }
  std::stable_sort(wanted.begin(), wanted.end(),
                   [](const Law& a, const Law& b) { return rank(a) < rank(b); });
  return wanted;
}

Case shrink_witness(const Law& law, const Rules& rules, Case test, const MakeMachines& make) {
  return shrink(std::move(test), [&](const Case& candidate) -> std::size_t {
    const Ran ran = run(law, rules, candidate, make, nullptr);
    return ran.seen == Seen::broken ? ran.at + 1 : 0;
  });
}

std::optional<Found> find_witness(const std::vector<Law>& wanted, const Rules& rules,
                                  std::uint64_t seed, std::uint64_t cases, std::uint32_t size,
                                  const MakeMachines& make) {
  std::optional<Found> best;
  std::uint64_t tried = 0, steps = 0;
  const auto rule_bit = static_cast<RuleBits>(1u << (&rules - kRules.data()));
  const auto in_force = [&](const Law& law) { return (law.rules & rule_bit) != 0; };
  const auto count = std::count_if(wanted.begin(), wanted.end(), in_force);
  for (const Law& law : wanted) {
    if (!in_force(law)) continue;
    Random random(seed);
    Search search(law, rules, make);
    int left = kTries;
    for (std::uint64_t i = 0; i * static_cast<std::uint64_t>(count) < cases && left > 0; ++i) {
      ++tried;
      if (!search.try_one(random, size)) continue;
      Case small = shrink_witness(law, rules, search.test(), make);
      if (!best || small.steps.size() < best->test.steps.size())
        best =
            Found{law, std::move(small), search.test().steps.size(), tried, steps + search.steps()};
      if (best->test.steps.size() <= kShort) return best;
      --left;
    }
    if (best) return best;
    steps += search.steps();
  }
  return best;
}

}  // namespace cow::laws

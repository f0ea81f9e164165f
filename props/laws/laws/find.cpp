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

template <judge::Verdict V>
Seen shows(const Moment& m) {
  return m.verdict == V ? Seen::broken : Seen::other;
}

Law verdict_law(std::string_view name, std::string_view clauses, std::string_view profile,
                Watch (*start)(), bool get_rw) {
  return {name, clauses, name, profile, start, kEveryRule, 0, get_rw};
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
    return run(law_, rules_, test_, make_, nullptr).seen == Seen::broken;
  }
  [[nodiscard]] const Case& test() const { return test_; }

 private:
  const Law& law_;
  const Rules& rules_;
  const MakeMachines& make_;
  Profile profile_;
  Decoder decoder_;
  Words words_;
  Case test_;
};

}  // namespace

std::vector<Law> laws_for(std::string_view verdict) {
  using judge::Verdict;
  if (verdict == "missed")
    return {verdict_law("missed", "ISO-1", "narrow", stateless<shows<Verdict::missed>>, false),
            verdict_law("missed", "ISO-2", "narrow", stateless<shows<Verdict::missed>>, true)};
  if (verdict == "wrong")
    return {verdict_law("wrong", "COH-1", "narrow", stateless<shows<Verdict::wrong>>, false),
            verdict_law("wrong", "COH-1", "narrow", stateless<shows<Verdict::wrong>>, true)};
  if (verdict == "unnecessary")
    return {verdict_law("unnecessary", "MIN-1", "narrow_stray",
                        stateless<shows<Verdict::unnecessary>>, false)};
  std::vector<Law> wanted;
  for (const Law& law : laws())
    if (answers_to(law, verdict)) wanted.push_back(law);
  // The small world first, where it has what the law needs; plain read-write gets last.
  for (Law& law : wanted) {
    if (law.profile == "references") law.profile = "narrow";
    if (law.profile == "stray") law.profile = "narrow_stray";
  }
  std::stable_sort(wanted.begin(), wanted.end(),
                   [](const Law& a, const Law& b) { return a.get_rw < b.get_rw; });
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
  std::uint64_t tried = 0;
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
        best = Found{&law, std::move(small), search.test().steps.size(), tried};
      if (best->test.steps.size() <= kShort) return best;
      --left;
    }
    if (best) return best;
  }
  return best;
}

}  // namespace cow::laws

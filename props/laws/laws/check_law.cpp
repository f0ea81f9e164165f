#include "laws/check_law.h"

#include <rapidcheck.h>
#include <rapidcheck/detail/Configuration.h>

#include <algorithm>
#include <utility>

#include "laws/find.h"
#include "laws/words_gen.h"

namespace cow::laws {
namespace {

constexpr std::uint32_t kPatience = 40;  // rounds, until a law must have met its case

class Silent : public rc::detail::TestListener {
 public:
  void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
  void onShrinkTried(const rc::detail::CaseDescription&, bool) override {}
  void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
};

std::uint64_t mix(std::uint64_t seed, std::string_view name, std::size_t rule,
                  std::uint32_t round) {
  for (const char c : name) seed = Random(seed ^ static_cast<unsigned char>(c)).next();
  return Random(seed + std::uint64_t{16} * round + rule).next();
}

// One law on words, counting what it saw until it is broken.
class Property {
 public:
  Property(const Law& law, const Rules& rules, std::uint32_t size, const MakeMachines& make,
           Checked& checked)
      : law_(law),
        rules_(rules),
        size_(size),
        make_(make),
        checked_(checked),
        profile_(law.get_rw ? with_get_rw(profile(law.profile)) : profile(law.profile)),
        decoder_(profile_) {}

  rc::detail::CaseDescription operator()(const Words& words) {
    decoder_.decode(words, size_, test_);
    const bool counts = !checked_.broken;  // shrinking does not
    Ran ran = run(law_, rules_, test_, make_, counts ? &checked_.tally : nullptr);
    if (counts) {
      ++checked_.cases;
      checked_.met += ran.met;
      checked_.meeting += ran.met > 0;
    }
    rc::detail::CaseDescription description;
    description.example = [] { return rc::detail::Example{}; };  // it is shown as a trace
    description.result = rc::detail::CaseResult(rc::detail::CaseResult::Type::Success);
    if (ran.met > 0) description.tags.push_back("its case");
    if (ran.seen == Seen::broken) {
      // The last one that fails is the smallest: RapidCheck goes on from failures alone.
      checked_.broken = true;
      checked_.witness = test_;
      checked_.said = std::move(ran.said);
      description.result =
          rc::detail::CaseResult(rc::detail::CaseResult::Type::Failure, std::string(law_.text));
    }
    return description;
  }

 private:
  const Law& law_;
  const Rules& rules_;
  std::uint32_t size_;
  const MakeMachines& make_;
  Checked& checked_;
  Profile profile_;
  Decoder decoder_;
  Case test_;
};

}  // namespace

Checked check_law(const Law& law, std::size_t rule, const Effort& effort,
                  const MakeMachines& make) {
  Checked checked;
  Property property(law, kRules[rule], effort.size, make, checked);
  const bool finding = (law.findings >> rule & 1u) != 0;
  for (std::uint32_t round = 0; round < kPatience; ++round) {
    rc::detail::TestParams params;
    params.seed = mix(effort.seed, law.name, rule, round);
    params.maxSuccess = static_cast<int>(std::max(effort.cases / profile(law.profile).cost, 1u));
    params.maxSize = static_cast<int>(effort.size);
    Silent silent;
    const rc::detail::Property test =
        rc::gen::map(arbitrary_words(), [&](const Words& words) { return property(words); });
    rc::detail::checkProperty(test, rc::detail::TestMetadata{}, params, silent,
                              {});  // no environment
    if (checked.broken || (checked.met > 0 && !finding)) break;
  }
  if (checked.broken)
    checked.witness = shrink_witness(law, kRules[rule], std::move(checked.witness), make);
  return checked;
}

}  // namespace cow::laws

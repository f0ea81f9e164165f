#include "laws/soak.h"

#include "impl/machine.h"
#include "judge/lockstep.h"
#include "laws/random.h"
#include "laws/shrink.h"
#include "logic/show.h"

namespace cow::laws {
namespace {

template <class Implementation>
using Lockstep = judge::Lockstep<spec::Specification, Implementation>;

struct Stopped {
  std::size_t length = 0;  // steps until then; 0: it never was
  std::string said;
};

template <class Implementation>
Stopped go_on(const Rules& rules, const Case& test, StopAt stop, Soaked& soaked) {
  Lockstep<Implementation> lockstep(test.setup, rules, judge::Depth::fast);
  for (std::size_t i = 0; i < test.steps.size(); ++i) {
    judge::Told told = lockstep.step(test.steps[i]);
    ++soaked.steps;
    if (i + 1 == test.steps.size())
      for (const judge::Disagreement& d : lockstep.finish()) told.disagreements.push_back(d);
    if (!told.disagreements.empty())
      return {i + 1, told.disagreements[0].clause + ": " + told.disagreements[0].text};
    soaked.missed += told.verdict == judge::Verdict::missed;
    soaked.wrong += told.verdict == judge::Verdict::wrong;
    soaked.unnecessary += told.verdict == judge::Verdict::unnecessary;
    if (stop == StopAt::disagreement) continue;
    if (told.verdict == judge::Verdict::missed) return {i + 1, "missed"};
    if (told.verdict == judge::Verdict::wrong) return {i + 1, "wrong"};
  }
  return {};
}

// By both ways to fork; what is tallied, and what has stopped it, is the first one's if any.
Stopped go(const Rules& rules, const Case& test, StopAt stop, Soaked& soaked) {
  Soaked scratch;
  const Stopped shared = go_on<impl::SharedTablesMachine>(rules, test, stop, scratch);
  const Stopped copied = go_on<impl::Machine>(rules, test, stop, soaked);
  return copied.length != 0 ? copied : shared;
}

}  // namespace

Soaked soak(const Rules& rules, const Profile& profile, std::uint64_t seed, std::uint64_t steps,
            std::uint32_t size, StopAt stop) {
  Soaked soaked;
  Random random(seed);
  Decoder decoder(profile);
  Words words(size + 1);
  Case test;
  while (soaked.steps < steps) {
    for (std::uint64_t& w : words) w = random.next();
    decoder.decode(words, size, test);
    const Stopped stopped = go(rules, test, stop, soaked);
    if (stopped.length == 0) continue;
    soaked.witness = shrink(test, [&](const Case& candidate) {
      Soaked scratch;
      return go(rules, candidate, stop, scratch).length;
    });
    Soaked scratch;
    soaked.said = go(rules, *soaked.witness, stop, scratch).said;
    break;
  }
  return soaked;
}

}  // namespace cow::laws

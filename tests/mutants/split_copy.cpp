// Copies that are split between two threads: what the steps of a trace cannot show.
#include "killers.h"
#include "laws/random.h"
#include "mutated.h"

namespace cow::mutants {
namespace {

constexpr spec::Concrete::Thread kOther{1};

struct Entry {
  bool present, writable, dirty, young;
  Frame frame;
  bool operator==(const Entry&) const = default;
};

class SplitCopy {
 public:
  SplitCopy(const Rules& rules, const laws::Case& test)
      : machine_(test.setup, rules), test_(test) {}

  // Begins a copy for another thread before step `at`, and goes on with it after `apart` steps, and
  // again. What is wrong, if anything.
  std::optional<std::string> run(std::size_t at, std::size_t apart) {
    std::size_t i = 0;
    for (; i < at && i < test_.steps.size(); ++i) step(i);
    if (i == test_.steps.size() || !begins(test_.steps[i])) return std::nullopt;
    const Entry was = entry();
    for (std::size_t k = 0; k < apart && i < test_.steps.size(); ++k) step_beside(i++);
    const Frame old = machine_.m.copying[kOther].old;
    if (!machine_.m.page[old].allocated) return "COPY-1";
    if (!spec::wp_copy_contents(machine_.m, kOther)) return std::nullopt;
    for (std::size_t k = 0; k < apart && i < test_.steps.size(); ++k) step_beside(i++);
    const bool changed = !(entry() == was);
    const bool switched = spec::wp_copy_switch(machine_.m, kOther);
    if (switched && changed) return "WP-4";
    return std::nullopt;
  }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

 private:
  void step(std::size_t i) {
    ++steps_;
    machine_.run(test_.steps[i]);
  }
  // A fault excludes what changes the areas of its process (mmap_lock), dontneed excepted.
  void step_beside(std::size_t i) {
    const Step& s = test_.steps[i];
    const bool areas = s.op == Op::map || s.op == Op::unmap || s.op == Op::protect ||
                       s.op == Op::fork || s.op == Op::exit ||
                       (s.op == Op::advise && s.advice != Advice::dontneed);
    if (!areas || s.process != slot_.process) step(i);
  }
  bool begins(const Step& step) {
    if (step.op != Op::write) return false;
    const Slot s{step.process, step.region, step.first};
    if (!machine_.is_mapped(s) || !machine_.pte(s).present || machine_.pte(s).writable)
      return false;
    if (!machine_.m.vma[machine_.m.area.of(s)].write) return false;
    slot_ = s;
    return !spec::handle_pte_fault(machine_.m, kOther, s, spec::Access::write).has_value();
  }
  Entry entry() const {
    if (!machine_.is_mapped(slot_)) return {};
    const PteView v = machine_.pte(slot_);
    return {v.present, v.writable, v.dirty, v.young, v.frame};
  }

  MutatedSpec machine_;
  const laws::Case& test_;
  Slot slot_;
  std::uint64_t steps_ = 0;
};

}  // namespace

std::optional<Kill> kill_by_split_copy(std::uint64_t seed) {
  constexpr int kTraces = 20'000;
  laws::Profile profile = laws::profile("core");
  profile.regions = profile.pages = 1;
  laws::Decoder decoder(profile);
  laws::Random random(seed);
  laws::Words words(16);
  laws::Case test;
  std::uint64_t steps = 0;
  for (int i = 0; i < kTraces; ++i) {
    for (std::uint64_t& w : words) w = random.next();
    decoder.decode(words, 15, test);
    const Rules& rules = kRules[random.next() % kRules.size()];
    SplitCopy split(rules, test);
    const std::uint64_t apart = random.next() % 3;
    const auto wrong = split.run(random.next() % 15, apart);
    steps += split.steps();
    if (wrong) return Kill{"split copy, " + *wrong, std::string(rules.name), steps, 0};
  }
  return std::nullopt;
}

}  // namespace cow::mutants

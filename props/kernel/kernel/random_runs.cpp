#include "kernel/random_runs.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "laws/random.h"
#include "laws/shrink.h"

namespace cow::kernel {
namespace {

using laws::Case;

constexpr std::array kProfiles = {"core",  "files", "protection", "references",
                                  "force", "moves", "everything", "narrow"};
// Runs of a candidate that must all disagree.
constexpr int kRuns = 2;

// Only what a user process can bring about: other references become the nearest that it can take,
// and other steps go. Each subsequence of a trace is a trace.
void restrict_to_replayable(Case& test, const Facilities& facilities) {
  test.setup.frames = kEnoughFrames;
  for (Step& s : test.steps) {
    if (s.op != Op::pin) continue;
    s.foll_pin = s.prot == Prot::rw;
    s.longterm = s.foll_pin;
  }
  while (const auto hindrance = find_hindrance(test.setup, test.steps, facilities))
    test.steps.erase(test.steps.begin() + static_cast<std::ptrdiff_t>(hindrance->step));
}

// Pages of that name where it was mapped, or moved to, last before that step.
std::uint32_t pages_of(const std::vector<Step>& steps, std::size_t at) {
  std::uint32_t pages = 0;
  for (std::size_t i = 0; i < at; ++i) {
    const Step& s = steps[i];
    if (s.op == Op::map && s.region == steps[at].region) pages = s.count;
    if (s.op == Op::remap && s.to == steps[at].region) pages = s.last - s.first + 1;
  }
  return pages;
}

void leave_out(const std::vector<std::string>& words, std::vector<Step>& steps) {
  const auto goes = [&](std::size_t at) {
    const Step& s = steps[at];
    return std::any_of(kCanBeLeftOut.begin(), kCanBeLeftOut.end(), [&](const CanBeLeftOut& out) {
      if (out.op != s.op || std::find(words.begin(), words.end(), out.word) == words.end())
        return false;
      return !out.parts_only || s.first > 0 || s.last + 1 < pages_of(steps, at);
    });
  };
  std::vector<Step> kept;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (!goes(i)) kept.push_back(steps[i]);
  steps = std::move(kept);
}

class RandomRuns {
 public:
  RandomRuns(const RandomOptions& options, const Rules& rules, Machine& machine,
             const OnProgress& on_progress)
      : options_(options), rules_(rules), machine_(machine), on_progress_(on_progress) {
    // Kernels are known to disagree on it: SOFT-1 says how.
    facilities_.soft_dirty = false;
  }

  RandomResult run() {
    const auto start = std::chrono::steady_clock::now();
    laws::Random random(options_.seed);
    laws::Words words(options_.size + std::size_t{1});
    Case test;
    while (result_.steps < options_.steps && !result_.witness) {
      laws::Decoder decoder(laws::profile(kProfiles[result_.traces % kProfiles.size()]));
      for (std::uint64_t& w : words) w = random.next();
      decoder.decode(words, options_.size, test);
      restrict_to_replayable(test, facilities_);
      leave_out(options_.without, test.steps);
      one(test);
      result_.seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (on_progress_ && result_.traces % 64 == 0) on_progress_(result_);
    }
    return std::move(result_);
  }

 private:
  void one(const Case& test) {
    const Replayed replayed = replay(test.setup, test.steps, rules_, machine_);
    ++result_.traces;
    result_.steps += replayed.steps;
    result_.write_faults += replayed.write_faults;
    result_.looked_at += replayed.looked_at;
    if (!replayed.cannot.empty()) {
      ++result_.cannot;
      result_.last_cannot = replayed.cannot;
    }
    if (!replayed.disagreement) return;
    // A stray copy that comes again is none: nobody else holds a reference twice at one place.
    if (replayed.disagreement->sort == Sort::stray_copy && !again(test)) {
      ++result_.stray_copies;
      if (!too_many_strays(result_.stray_copies, result_.write_faults + kPatience)) return;
    }
    keep(test, *replayed.disagreement);
  }
  // How many of its steps a case needs to disagree, in every run.
  std::size_t length(const Case& test) {
    if (find_hindrance(test.setup, test.steps, facilities_)) return 0;
    std::size_t longest = 0;
    for (int run = 0; run < kRuns; ++run) {
      const Replayed replayed = replay(test.setup, test.steps, rules_, machine_);
      if (!replayed.disagreement || replayed.disagreement->sort == Sort::lost) return 0;
      longest = std::max(longest, replayed.disagreement->step + 1);
    }
    return longest;
  }
  bool again(const Case& test) { return length(test) != 0; }

  void keep(const Case& test, const Disagreement& first) {
    result_.witness = test;
    result_.witness->steps.resize(first.step + 1);
    result_.disagreement = first;
    if (first.sort == Sort::lost || !again(test)) return;
    result_.repeats = true;
    result_.witness =
        laws::shrink(test, [this](const Case& candidate) { return length(candidate); });
    const Replayed last = replay(result_.witness->setup, result_.witness->steps, rules_, machine_);
    if (last.disagreement) result_.disagreement = *last.disagreement;
  }

  // A single stray copy early on is not too many.
  static constexpr std::uint64_t kPatience = 1000;

  const RandomOptions& options_;
  const Rules& rules_;
  Machine& machine_;
  Facilities facilities_ = machine_.facilities();
  const OnProgress& on_progress_;
  RandomResult result_;
};

}  // namespace

RandomResult run_random(const RandomOptions& options, const Rules& rules, Machine& machine,
                        const OnProgress& on_progress) {
  return RandomRuns(options, rules, machine, on_progress).run();
}

}  // namespace cow::kernel

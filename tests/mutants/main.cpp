// Runs every wrong variant of both machines, and says what kills it. Exit status 1: one survives.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "killers.h"
#include "laws/replay.h"
#include "mutated.h"
#include "spec_mutants.h"
#include "stopped.h"

namespace cow::mutants {
namespace {

using laws::Machines;

template <class Spec, class Impl>
std::unique_ptr<Machines> together(const Setup& setup, const Rules& rules) {
  return std::make_unique<Stopped>(
      std::make_unique<laws::Together<Spec, Impl>>(setup, rules, judge::Depth::full));
}
template <class Machine> std::unique_ptr<Machines> alone(const Setup& setup, const Rules& rules) {
  return std::make_unique<Stopped>(std::make_unique<laws::Alone<Machine>>(setup, rules));
}

// Which of the mutants are run.
struct Chosen {
  std::string_view of;                  // specification, implementation, all
  unsigned part = 1, parts = 1;         // of these
  std::vector<std::string_view> names;  // empty: all of them
};

// OF[/PART/PARTS]
Chosen read_chosen(std::string_view of, std::vector<std::string_view> names) {
  Chosen c;
  c.of = of.substr(0, of.find('/'));
  c.names = std::move(names);
  if (c.of != of && (std::sscanf(of.data() + c.of.size(), "/%u/%u", &c.part, &c.parts) != 2 ||
                     c.part == 0 || c.part > c.parts))
    c.of = "";
  return c;
}

class Table {
 public:
  Table(std::uint64_t seed, std::vector<trace::Trace> corpus, Chosen chosen)
      : seed_(seed), corpus_(std::move(corpus)), chosen_(std::move(chosen)) {
    std::printf("%-30s %-8s %-34s %-24s %s\n", "mutant", "breaks", "law (rules, steps, shrunk to)",
                "lockstep", "corpus");
  }

  void specification() {
    std::printf("specification\n");
    for (const SpecMutant& m : kSpecMutants) {
      MutatedLogic::chosen = m.mutant;
      tell(m.name, m.clause, alone<MutatedSpec>, together<MutatedSpec, impl::Machine>, true);
    }
    MutatedLogic::chosen = spec::Mutant::none;
  }
  void implementation() {
    std::printf("implementation\n");
    MutatedBuild::any = true;
    for (const impl::MutantInfo& m : impl::kMutants) {
      MutatedBuild::chosen = m.mutant;
      tell(m.name, m.clause, alone<MutatedImpl>, together<spec::Specification, MutatedImpl>, false);
    }
    std::printf("implementation, shared tables\n");
    for (const impl::MutantInfo& m : impl::kSharedTablesMutants) {
      MutatedBuild::chosen = m.mutant;
      tell(m.name, m.clause, alone<MutatedSharedImpl>,
           together<spec::Specification, MutatedSharedImpl>, false);
    }
    MutatedBuild::any = false;
  }
  // The right machines are killed by nothing.
  void unmutated() {
    const bool clean =
        !kill_by_law(alone<MutatedSpec>, "ISO-1", Laws::of_the_clause, 1000, seed_) &&
        !kill_by_law(alone<MutatedSpec>, "ISO-1", Laws::others, 100, seed_) &&
        !kill_by_lockstep(together<MutatedSpec, MutatedImpl>, seed_) &&
        !kill_by_lockstep(together<MutatedSpec, MutatedSharedImpl>, seed_) &&
        kill_by_corpus(together<MutatedSpec, MutatedImpl>, corpus_).traces == 0 &&
        !kill_by_split_copy(seed_);
    std::printf("%-30s %s\n", "none", clean ? "nothing kills it" : "IS KILLED");
    survivors_ += !clean;
  }
  [[nodiscard]] int survivors() const { return survivors_; }

 private:
  static std::string text(const std::optional<Kill>& kill) {
    if (!kill) return "-";
    std::string s = kill->by + " (" + kill->rule + ", " + std::to_string(kill->steps);
    return s + (kill->length > 0 ? ", " + std::to_string(kill->length) + ")" : ")");
  }
  void tell(std::string_view name, std::string_view clause, const laws::MakeMachines& one,
            const laws::MakeMachines& both, bool splits) {
    if (!is_chosen(name)) return;
    std::optional<Kill> law = kill_by_law(one, clause, Laws::of_the_clause, 100, seed_);
    if (!law && splits) law = kill_by_split_copy(seed_);
    const std::optional<Kill> lockstep = kill_by_lockstep(both, seed_);
    const CorpusKill corpus = kill_by_corpus(both, corpus_);
    // Those take longest, and are asked where nothing else knows.
    const bool alive = !law && !lockstep && corpus.traces == 0;
    if (alive) law = kill_by_law(one, clause, Laws::others, 100, seed_);
    if (alive && !law) law = kill_by_law(one, clause, Laws::of_the_clause, 1000, seed_);
    const bool dead = law || lockstep || corpus.traces > 0;
    survivors_ += !dead;
    std::printf("%-30s %-8s %-34s %-24s %zu%s%s%s\n", std::string(name).c_str(),
                std::string(clause).c_str(), text(law).c_str(), text(lockstep).c_str(),
                corpus.traces, corpus.traces > 0 ? ", first " : "", corpus.first.c_str(),
                dead ? "" : "  SURVIVES");
    std::fflush(stdout);
  }

  bool is_chosen(std::string_view name) {
    const std::vector<std::string_view>& names = chosen_.names;
    if (count_++ % chosen_.parts != chosen_.part - 1) return false;
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  }

  std::uint64_t seed_;
  std::vector<trace::Trace> corpus_;
  Chosen chosen_;
  unsigned count_ = 0;  // of the mutants so far
  int survivors_ = 0;
};

int run(std::uint64_t seed, const char* folder, Chosen chosen) {
  const std::string_view of = chosen.of;
  if (of != "all" && of != "specification" && of != "implementation") {
    std::fprintf(stderr,
                 "error: expected all, specification or implementation, with /PART/PARTS\n");
    return 2;
  }
  std::vector<trace::Trace> corpus;
  if (folder != nullptr) {
    auto read = laws::read_corpus(folder);
    if (const auto* error = std::get_if<trace::Error>(&read)) {
      std::fprintf(stderr, "%s\n", trace::format(*error).c_str());
      return 2;
    }
    corpus = std::get<std::vector<trace::Trace>>(std::move(read));
  }
  std::printf("seed %llu, %zu traces in the corpus\n", static_cast<unsigned long long>(seed),
              corpus.size());
  const bool all = chosen.names.empty();
  Table table(seed, std::move(corpus), std::move(chosen));
  if (of != "implementation") {
    if (all) table.unmutated();
    table.specification();
  }
  if (of != "specification") table.implementation();
  std::printf("%d survive\n", table.survivors());
  return table.survivors() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace cow::mutants

// mutants [SEED [FOLDER [all|specification|implementation[/PART/PARTS] [NAME...]]]]
int main(int argc, char** argv) {
  return cow::mutants::run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1,
                           argc > 2 ? argv[2] : nullptr,
                           cow::mutants::read_chosen(argc > 3 ? argv[3] : "all",
                                                     {argv + std::min(argc, 4), argv + argc}));
}

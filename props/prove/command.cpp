#include "prove/command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <set>
#include <thread>

#include "prove/clauses.h"
#include "prove/equal.h"
#include "prove/in_order.h"
#include "prove/parts.h"

namespace cow::prove {

namespace {

// A clause that was asked for and that nothing here proves.
std::optional<std::string> first_unknown(const std::vector<std::string>& asked) {
  if (asked.empty()) return std::nullopt;
  std::set<std::string> known;
  for (const Rules& rules : kRules) {
    World world(rules);
    for_each_path(world, [&](const PathTaken& taken) {
      for (const Clause& c : taken.before) known.insert(c.name);
      for (const Clause& c : taken.step_goals) known.insert(c.name);
    });
  }
  prove_equal_any_rules([&](const Obligation& o) { known.insert(o.clause); });
  for (const Lacking& l : lacking()) known.insert(l.clause);
  for (const std::string& clause : asked)
    if (known.count(clause) == 0) return clause;
  return std::nullopt;
}

// Where the obligations are written: the folder that was asked for, or one that goes again.
class Folder {
 public:
  explicit Folder(const std::optional<std::string>& kept)
      : kept_(kept.has_value()),
        path_(kept ? std::filesystem::path(*kept)
                   : std::filesystem::temp_directory_path() /
                         fmt::format("cow-prove-{}", getpid())) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    if (!kept_) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  bool kept_;
  std::filesystem::path path_;
};

Findings prove_all(const Asked& asked) {
  std::vector<std::function<Findings()>> parts;
  for (const Rules& rules : kRules)
    if (!asked.options.rule || *asked.options.rule == rules.name)
      parts.emplace_back([&] { return prove_rule_set(asked, rules); });
  parts.emplace_back([&] { return prove_equal_decisions(asked); });
  // Alone the proof is short, and two threads of one core would cost it more processor time.
  const std::size_t threads =
      asked.options.doubt ? std::max(1u, std::thread::hardware_concurrency()) : 1;
  Findings all;
  for (const Findings& found : in_order(parts, threads)) all.add(found);
  return all;
}

}  // namespace

int run(const Options& options, std::FILE* out) {
  if (options.solver == "cvc5" && std::system("cvc5 --version >/dev/null 2>&1") != 0) {
    fmt::print(stderr, "cow prove: cvc5 is not installed (Debian: apt-get install cvc5)\n");
    return 77;
  }
  if (const auto unknown = first_unknown(options.clauses)) {
    fmt::print(stderr, "cow prove: no obligation is about {}; `cow cite` lists the clauses\n",
               *unknown);
    return 2;
  }
  const std::clock_t start = std::clock();
  const Folder folder(options.smt2);
  const Findings all = prove_all({options, folder.path()});
  progress("");
  all.tally.print(out);
  if (!all.notes.empty()) fmt::print(out, "\n{}", all.notes);
  fmt::print(out,
             "\n{} of {} obligations proved{}, unbounded, with {}; {} of {} properties that a "
             "rule set lacks refuted{}; {:.1f} s of processor time\n",
             all.tally.total() - all.tally.open(), all.tally.total(),
             options.clauses.empty() ? "" : " (of the clauses asked for)", options.solver,
             all.refuted, all.lacking,
             options.doubt ? fmt::format("; {} of {} doubts settled", all.settled, all.doubts) : "",
             static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  return all.all_as_expected() ? 0 : 1;
}

}  // namespace cow::prove

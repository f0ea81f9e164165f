// The table of the debate, searched anew. Exit status 1: a cell has no trace in the corpus, or the
// page says something else.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <sstream>

#include "logic/show.h"
#include "page.h"
#include "proved.h"
#include "trace/print.h"

namespace cow::debate {
namespace {

constexpr Shown kAll = {true, true, true, true, true};
constexpr int kDoubted = 5;  // steps that are searched again, each state as often as it is met

constexpr std::size_t k5_14 = 1;
static_assert(kRules[k5_14].name == "5.14");

struct MapcountAlone : spec::Concrete {
  static bool mutated(spec::Mutant m) { return m == spec::Mutant::swap_in_ignores_count; }
};

class Table {
 public:
  explicit Table(const std::string& folder)
      : witnesses_(read_witnesses(folder + "/debate", kHere)) {
    std::vector<Witness> others = read_witnesses(folder, kThere);
    std::move(others.begin(), others.end(), std::back_inserter(witnesses_));
  }

  // `old`: a page from which to take what is dear to search; nullptr: nothing is taken.
  Page made(const std::string* old) {
    Page page;
    for (const World& world : worlds()) {
      page.sections.push_back({&world, {}});
      auto& rows = page.sections.back().rows;
      if (old != nullptr && !world.is_cheap) {
        for (std::size_t rule = 0; rule < kRules.size(); ++rule)
          rows[rule] = looked_up(world, rule, *old);
        continue;
      }
      std::array<std::future<Searched>, kRules.size()> searches;
      for (std::size_t rule = 0; rule < kRules.size(); ++rule)
        searches[rule] = std::async(std::launch::async, searched, std::cref(world),
                                    std::cref(kRules[rule]), old == nullptr && world.is_cheap);
      for (std::size_t rule = 0; rule < kRules.size(); ++rule)
        rows[rule] = row(world, rule, searches[rule].get());
    }
    page.by_mapcount_alone = by_mapcount_alone();
    return page;
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  static constexpr const char* kHere = "../tests/litmus/debate/";
  static constexpr const char* kThere = "../tests/litmus/";

  struct Searched {
    Found found;
    bool doubted = false;  // another search found something else
    double seconds = 0;
  };
  static Searched searched(const World& world, const Rules& rules, bool doubts) {
    const auto begin = std::chrono::steady_clock::now();
    Searched s{search<spec::Specification>(world, rules, kAll, world.most), false, 0};
    if (doubts) {
      const Found again = search<spec::Specification>(world, rules, kAll, kDoubted, false);
      for (std::size_t i = 0; i < kWrongs; ++i) {
        const std::size_t length = s.found.traces[i].size();
        s.doubted = s.doubted || again.traces[i].size() != (length > kDoubted ? 0 : length);
      }
    }
    s.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return s;
  }
  Row row(const World& world, std::size_t rule, const Searched& s) {
    std::printf("%s, %s: %llu states, %d steps, %.1f s\n", world.name.data(),
                kRules[rule].name.data(), static_cast<unsigned long long>(s.found.states),
                s.found.depth, s.seconds);
    if (s.doubted) fail(world, rule, "equal states have different futures");
    Row row;
    row.states = s.found.states;
    for (std::size_t i = 0; i < kWrongs; ++i)
      if (!s.found.traces[i].empty()) row.cells[i] = shown(world, rule, i, s.found.traces[i]);
    std::fflush(stdout);
    return row;
  }
  Cell shown(const World& world, std::size_t rule, std::size_t wrong,
             const std::vector<Step>& steps) {
    const Witness* witness =
        find_witness(witnesses_, world, kRules[rule], static_cast<Wrong>(wrong), steps.size());
    if (witness == nullptr)
      fail(world, rule,
           "no trace shows this:\n" + trace::print(trace::from_steps("new", "", Setup{}, steps)));
    return {witness, steps.size()};
  }
  Row looked_up(const World& world, std::size_t rule, const std::string& old) {
    Row row;
    row.states = states_in(old, world, rule);
    for (std::size_t i = 0; i < kWrongs; ++i) {
      const std::string link = link_in(old, world, rule, i);
      for (const Witness& w : witnesses_)
        if (w.link == link)
          row.cells[i] = {
              &w, shows_at<spec::Specification>(w, world, kRules[rule], static_cast<Wrong>(i))};
      if (!link.empty() && row.cells[i].steps == 0)
        fail(world, rule, link + " does not show what it is said to");
    }
    return row;
  }
  // The predicate of 5.14 at swap-in, if swap entries were no mappings.
  Cell by_mapcount_alone() {
    using Machine = spec::Shown<MapcountAlone>;
    const World& world = worlds()[1];
    const Found found = search<Machine>(world, kRules[k5_14], {true}, world.most);
    for (const Witness& w : witnesses_)
      if (w.trace.name == "shared-through-swap-only" &&
          shows_at<Machine>(w, world, kRules[k5_14], Wrong::missed_write) == found.traces[0].size())
        return {&w, found.traces[0].size()};
    fail(world, k5_14, "shared-through-swap-only is not a shortest trace of mapcount alone");
    return {&witnesses_[0], 0};
  }
  void fail(const World& world, std::size_t rule, const std::string& what) {
    std::printf("FAIL %s, %s: %s\n", world.name.data(), kRules[rule].name.data(), what.c_str());
    failed_ = true;
  }

  std::vector<Witness> witnesses_;
  bool failed_ = false;
};

// Does `cow prove` show what the page calls inductive? `path`: a line for each rule set and clause.
bool is_proved(const char* path) {
  std::ifstream file(path);
  const std::string said = "\n" + std::string{std::istreambuf_iterator<char>(file), {}};
  bool all = true;
  for (const World& world : worlds())
    for (const Rules& rules : kRules)
      for (std::size_t i = 0; world.is_proved && i < kWrongs; ++i) {
        std::istringstream clauses(
            std::string(proved(rules.name, static_cast<Wrong>(i), world.twin != nullptr)));
        for (std::string clause; std::getline(clauses >> std::ws, clause, ',');) {
          const std::string line = std::string(rules.name) + " " + clause;
          if (said.find("\n" + line + "\n") != std::string::npos) continue;
          std::printf("FAIL cow prove does not show %s\n", line.c_str());
          all = false;
        }
      }
  return all;
}

int run(const char* folder, const char* option, const char* path, const char* inductive) {
  const bool writes = std::strcmp(option, "--write") == 0;
  if (writes && !is_proved(inductive)) return 1;
  std::ifstream file(path);
  const std::string old{std::istreambuf_iterator<char>(file), {}};
  Table table(folder);
  const Page page = table.made(writes ? nullptr : &old);
  if (table.failed()) return 1;
  if (writes) std::ofstream(path) << text_of(page);
  else if (text_of(page) != old) {
    std::printf("FAIL %s is not what was found; tests/debate/table writes it anew\n", path);
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace cow::debate

// debate FOLDER --check FILE, debate FOLDER --write FILE INDUCTIVE
int main(int argc, char** argv) {
  if (argc < 4) return 2;
  return cow::debate::run(argv[1], argv[2], argv[3], argc > 4 ? argv[4] : "");
}

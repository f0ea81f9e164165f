// Every mutant of order is killed in its trace, and the code as it ships passes every trace of
// order, both over all orders. Exit status 1: not so, or the page says something else.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "page.h"
#include "trace/parse.h"
#include "trace/print.h"

namespace cow::interleave {
namespace {

template <class Build> class Examination {
 public:
  using Machine = impl::BasicMachine<Build>;
  explicit Examination(Corpus& corpus) : corpus_(corpus) {}

  void take_traces(Chapter& chapter) {
    for (const trace::Trace& trace : corpus_.traces())
      for (std::size_t rule = 0; rule < kRules.size(); ++rule)
        if (trace.is_for(rule)) take_trace(trace, rule, chapter);
  }
  void take_mutants(Chapter& chapter) {
    for (const impl::OrderMutantInfo& info : impl::kOrderMutants) {
      const trace::Trace& trace = corpus_.named(info.trace);
      MutantRow row{info, {}, {}};
      for (std::size_t rule = 0; rule < kRules.size(); ++rule)
        if (trace.is_for(rule)) take_mutant(trace, rule, row);
      expect(!row.rules.empty(), std::string(info.name) + " SURVIVES in " + trace.name);
      chapter.mutants.push_back(row);
    }
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  void expect(bool holds, const std::string& otherwise) {
    if (!holds) std::printf("FAIL %s\n", otherwise.c_str());
    failed_ = failed_ || !holds;
  }
  void take_trace(const trace::Trace& trace, std::size_t rule, Chapter& chapter) {
    const Allowed& allowed = corpus_.allowed(trace, rule);
    const Clean clean = explore_all<Machine>(allowed);
    const std::string where = trace.name + " " + std::string(kRules[rule].name);
    expect(allowed.orders().complete(), where + ": the specification has too many states");
    expect(clean.odd.empty(), where + ": not allowed: " + clean.odd);
    expect(clean.explored.complete, where + ": not all orders were tried");
    std::printf("%-36s %-5s %6llu executions %8llu points, ends %zu of %zu\n", trace.name.c_str(),
                kRules[rule].name.data(),
                static_cast<unsigned long long>(clean.explored.executions),
                static_cast<unsigned long long>(clean.explored.points), clean.ends,
                allowed.orders().finals().size());
    std::fflush(stdout);
    if (kRules[rule].name == "5.14" || kRules[rule].name == "6.15")
      chapter.traces.push_back({trace.name, rule, clean, allowed.orders().finals().size()});
  }
  void take_mutant(const trace::Trace& trace, std::size_t rule, MutantRow& row) {
    const Broken<Build> broken(row.info.mutant);
    const std::optional<Kill> kill = find_kill<Machine>(corpus_.allowed(trace, rule), rule);
    std::printf("%-30s %-8s %-36s %-5s ", row.info.name.data(), row.info.clause.data(),
                trace.name.c_str(), kRules[rule].name.data());
    if (kill)
      std::printf("killed by execution %llu, %u switches, %zu points: %s\n",
                  static_cast<unsigned long long>(kill->executions), kill->switches,
                  kill->schedule.size(), schedule_line(kill->schedule).c_str());
    else std::printf("not killed in any order\n");
    std::fflush(stdout);
    if (!kill) return;
    row.rules.push_back(rule);
    row.kill = *kill;
    replay(trace, *kill, row);
  }
  // As it is pasted: the trace with the schedule's line, as text.
  void replay(trace::Trace trace, const Kill& kill, const MutantRow& row) {
    for (trace::Item& item : trace.items)
      if (auto* par = std::get_if<trace::Par>(&item)) par->schedule = kill.schedule;
    const auto parsed = trace::parse(trace.file, trace::print(trace), trace::NameRule::equals_stem);
    const auto& again = std::get<trace::Trace>(parsed);
    explore::Schedule schedule;
    for (const trace::Item& item : again.items)
      if (const auto* par = std::get_if<trace::Par>(&item)) schedule = par->schedule;
    const Allowed& allowed = corpus_.allowed(trace, kill.rule);
    runner::Block block = block_of(program_of(again), kRules[kill.rule], schedule);
    const auto passes = [&] {
      bool all = true;
      Executions<Machine>().run(block, [&](const runner::Execution& e) {
        all = all && allowed.explains(e);
        return true;
      });
      return all;
    };
    const std::string what = std::string(row.info.name) + ": the schedule ";
    expect(!passes(), what + "does not show the mutant");
    const Broken<Build> nothing(std::nullopt);
    expect(passes(), what + "fails for the code as it ships");
  }

  Corpus& corpus_;
  bool failed_ = false;
};

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

int run(const char* folder, const char* option, const char* path) {
  auto read = laws::read_corpus(folder);
  if (const auto* error = std::get_if<trace::Error>(&read)) {
    std::fprintf(stderr, "%s\n", trace::format(*error).c_str());
    return 2;
  }
  Corpus corpus(std::get<std::vector<trace::Trace>>(std::move(read)));
  std::vector<Chapter> chapters;
  bool failed = false;
  const auto examine = [&]<class Build>(const ExploredBuildNamed<Build>& build) {
    Examination<Build> examination(corpus);
    chapters.push_back({build.fork, {}, {}});
    examination.take_traces(chapters.back());
    examination.take_mutants(chapters.back());
    failed = failed || examination.failed();
  };
  std::apply([&](const auto&... builds) { (examine(builds), ...); }, kBuilds);
  if (std::strcmp(option, "--write") == 0) std::ofstream(path) << page(chapters);
  else if (text_of(path) != page(chapters)) {
    std::printf("FAIL %s is not what was found; tests/interleave/table writes it anew\n", path);
    failed = true;
  }
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace cow::interleave

// interleave_mutants FOLDER --check|--write FILE
int main(int argc, char** argv) {
  if (argc != 4) return 2;
  return cow::interleave::run(argv[1], argv[2], argv[3]);
}

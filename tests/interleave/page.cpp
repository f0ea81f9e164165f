#include "page.h"

namespace cow::interleave {
namespace {

constexpr const char* kAbove =
    R"(# Interleavings

[ordering.md](ordering.md) says which order copy-on-write needs, and why. This page says what an
explorer found that runs the implementation's own code in every order of its atomic accesses and
locks (orders that differ only in the order of independent accesses count as one). The end of each
execution is looked up among those that the specification allows.

Written by `tests/interleave/table`, from the traces `order-….cow` of
[tests/litmus](../tests/litmus/README.md); the test `interleave.mutants` compares it with what it
finds.
)";

constexpr const char* kAboveMutants =
    R"(
### Each order is needed

One mutant drops or moves one order. Under the rule sets named, its trace then has an execution
that the specification has not, and under the others it has none. *Executions* were tried until the
first such one (at most one preemption first, then all orders). The *schedule* is the shortest
known that shows it: the column that takes each point, and after its end the column of the lowest
number goes on until it must wait. Put before `par` in the trace, it repeats the execution under
the last of the rule sets; the code as it ships passes it. *Switches* are those of that execution.

| mutant | what | clause | trace | rule sets | executions | switches | schedule |
|---|---|---|---|---|---|---|---|
)";

constexpr const char* kAboveTraces =
    R"(
### The code as it ships

Every execution of every trace is one of the specification's, under each rule set; here are two.
*Ends* are different results and states at the end of the block. Where the specification has more,
it lets happen what this implementation does not do.

| trace | rule set | executions | points | all orders | ends | allowed |
|---|---|---|---|---|---|---|
)";

std::string joined(const std::vector<std::size_t>& rules) {
  std::string text;
  for (const std::size_t rule : rules)
    text += (text.empty() ? "" : " ") + std::string(kRules[rule].name);
  return text;
}

std::string cells(const std::vector<std::string>& row) {
  std::string text = "|";
  for (const std::string& cell : row) text += " " + cell + " |";
  return text + "\n";
}

}  // namespace

std::string page(const std::vector<Chapter>& chapters) {
  std::string text = kAbove;
  for (const Chapter& chapter : chapters) {
    text += "\n## Fork " + std::string(chapter.fork) + "\n" + kAboveMutants;
    for (const MutantRow& row : chapter.mutants)
      text += cells({std::string(row.info.name), std::string(row.info.what),
                     std::string(row.info.clause), std::string(row.info.trace), joined(row.rules),
                     std::to_string(row.kill.executions), std::to_string(row.kill.switches),
                     "`" + schedule_line(row.kill.schedule) + "`"});
    text += kAboveTraces;
    for (const TraceRow& row : chapter.traces)
      text += cells({row.trace, std::string(kRules[row.rule].name),
                     std::to_string(row.clean.explored.executions),
                     std::to_string(row.clean.explored.points),
                     row.clean.explored.complete ? "yes" : "no", std::to_string(row.clean.ends),
                     std::to_string(row.allowed_ends)});
  }
  return text;
}

}  // namespace cow::interleave

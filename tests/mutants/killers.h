// What kills a mutant: a law on the mutated machine alone, the lockstep with the right one, a trace
// of the litmus corpus, or, for what shows only while a copy is under way, a copy that is split.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "laws/find.h"
#include "laws/machines.h"
#include "laws/witness.h"

namespace cow::mutants {

struct Kill {
  std::string by;           // a law, a clause, or a trace
  std::string rule;         // under which rule set
  std::uint64_t steps = 0;  // taken until then, over all traces
  std::size_t length = 0;   // of the shrunk trace
};

// The law that says so first, of those that name the clause, or of all others, in so many cases
// each.
enum class Laws { of_the_clause, others };
std::optional<Kill> kill_by_law(const laws::MakeMachines& alone, std::string_view clause,
                                Laws which, std::uint64_t cases, std::uint64_t seed);

// The first disagreement of a random run, over all rule sets.
std::optional<Kill> kill_by_lockstep(const laws::MakeMachines& together, std::uint64_t seed);

// The first trace of the corpus in which the lockstep disagrees, and how many do.
struct CorpusKill {
  std::string first;
  std::size_t traces = 0;
};
CorpusKill kill_by_corpus(const laws::MakeMachines& together,
                          const std::vector<trace::Trace>& corpus);

// A second thread of a process begins to copy a page, others take steps, the copy goes on: the old
// page must still be there, and the switch must notice a changed entry. COPY-1, WP-4
std::optional<Kill> kill_by_split_copy(std::uint64_t seed);

}  // namespace cow::mutants

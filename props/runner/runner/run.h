// Runs a trace under one rule set and holds what it shows against what it says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "judge/verdict.h"
#include "runner/executions.h"
#include "runner/machines.h"
#include "trace/trace.h"

namespace cow::runner {

enum class Status { ok, fail, skip };

struct StepRun {
  std::uint32_t line = 0;
  std::string text;  // canonical, without expectations
  Result result;
  judge::Verdict verdict = judge::Verdict::none;
  std::string outcome = {};  // where it is not seen exactly: all that it may be, as {copied,reused}
};

// An expectation that does not hold.
struct Failure {
  std::uint32_t line = 0;
  std::string expected;
  std::string seen;
};

// A clause that does not hold, whatever the trace says.
struct Violation {
  std::string clause;
  std::uint32_t line = 0;
  std::string witness;
};

// What a person should know who reads `ok`.
struct Remark {
  std::uint32_t line = 0;
  std::string text;
};

struct Run {
  Status status = Status::ok;
  trace::Verdict verdict;  // what the trace shows; a clause id if it announces that one
  std::vector<StepRun> steps;
  std::vector<Failure> failures;
  std::vector<Violation> violations;
  std::vector<Remark> remarks = {};
};

// Called after each step before the first par block, with what it came to.
using Observer = std::function<void(const trace::StepLine&, const judge::Told&, const Machines&)>;

// Who runs par blocks on the implementation: by each way to fork. Null: nobody, and the block is
// judged on the specification alone.
struct Implementations {
  const Executions* copied_tables = nullptr;
  const Executions* shared_tables = nullptr;
};

// Under kRules[rule]; `skip` where the trace leaves that out. All machines take the steps: the
// ideal one, the specification, the implementation by both ways to fork. REQUIRES: nothing in the
// trace is unmodelled.
[[nodiscard]] Run run(const trace::Trace& trace, std::size_t rule, const Observer& observer = {},
                      const Implementations& implementations = {});

}  // namespace cow::runner

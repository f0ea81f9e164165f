// What `cow check` found, and the three ways to print it.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "program/inputs.h"
#include "runner/run.h"

namespace cow::program {

// One line of the report: a trace under a rule set, or a state.
struct Finding {
  const Input* input;
  std::string rule;                       // `-` for a state
  std::string verdict;                    // `-` for a state, and for what was skipped
  runner::Run run;                        // steps are left out for a state
  std::string skipped;                    // why, where run.status is skip
  std::vector<std::string> unknown = {};  // clauses that a state says too little of
};

// `ok NAME RULE VERDICT HASH`, and under a FAIL what does not hold.
void print_text(std::FILE* out, const std::vector<Finding>& findings);
void print_tap(std::FILE* out, const std::vector<Finding>& findings);
// `remarks`: lines about all of them.
void print_json(std::FILE* out, const std::vector<Finding>& findings,
                const std::vector<std::string>& remarks = {});

// The lines under a FAIL: `FILE:LINE: expected …, seen …`.
std::vector<std::string> complaints(const Input& input, const runner::Run& run);

}  // namespace cow::program

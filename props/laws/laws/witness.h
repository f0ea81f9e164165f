// A case as a trace that every machine replays.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "laws/law.h"
#include "laws/machines.h"
#include "laws/words.h"
#include "trace/trace.h"

namespace cow::laws {

// The verdict words of a case under kRules[rule], sorted.
trace::Verdict verdict_of(const Case& test, std::size_t rule);

// With the verdict that each rule set has, so that `cow check` accepts it.
trace::Trace witness(const std::string& name, const std::string& question, std::string_view clauses,
                     const Case& test);

// `law` and `5.14`: `law-5-14`.
std::string witness_name(std::string_view law, std::string_view rule);

// Writes NAME.cow into the folder, which is made if need be. False: it could not be written.
bool write_witness(const std::filesystem::path& folder, const trace::Trace& trace);

// The steps of a trace that was read. Asserts are left out; nothing if it has steps that no machine
// takes yet.
std::optional<Case> case_of(const trace::Trace& trace);

}  // namespace cow::laws

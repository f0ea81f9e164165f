// The traces of a folder.
#pragma once

#include <filesystem>
#include <variant>
#include <vector>

#include "trace/error.h"
#include "trace/trace.h"

namespace cow::laws {

// Every NAME.cow in the folder, in the order of names; none where there is no folder. The first
// that cannot be read is an error.
std::variant<std::vector<trace::Trace>, trace::Error> read_corpus(
    const std::filesystem::path& folder);

}  // namespace cow::laws

// The rule set that `--rule` asks for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace cow::program {

// The index in kRules. A kernel's version is accepted too: which rule set stands for it is then
// said on standard error. Nothing if none does, which is said as well.
std::optional<std::size_t> rule_asked_for(const std::string& command, const std::string& name);

}  // namespace cow::program

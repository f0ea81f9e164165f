// Which rule set stands for a kernel.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cow::trace {

// The index in kRules of the rule set of that name: 5.7, 5.14, 5.18, 5.19 or 6.15.
[[nodiscard]] std::optional<std::size_t> rule_named(std::string_view name);

// All of them, oldest first, with commas between.
[[nodiscard]] std::string rule_names();

// The index in kRules of the rule set that stands for a kernel version, said as 5.14, 5.14.2 or
// 5.10.0-32-amd64. Nothing for what is no version, and for kernels that no rule set stands for
// (5.8, and those before 5.1).
[[nodiscard]] std::optional<std::size_t> rule_for_kernel(std::string_view version);

}  // namespace cow::trace

#include "program/rules.h"

#include <fmt/core.h>

#include "cow/rules.h"
#include "trace/rule_name.h"

namespace cow::program {

std::optional<std::size_t> rule_asked_for(const std::string& command, const std::string& name) {
  if (const auto rule = trace::rule_named(name)) return rule;
  const auto rule = trace::rule_for_kernel(name);
  if (rule)
    fmt::print(stderr, "cow {}: rule set {} stands for kernel {}\n", command, kRules[*rule].name,
               name);
  else fmt::print(stderr, "cow {}: --rule: no rule set stands for '{}'\n", command, name);
  return rule;
}

}  // namespace cow::program

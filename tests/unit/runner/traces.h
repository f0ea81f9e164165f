// Traces from text, for tests.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "trace/parse.h"

namespace cow::runner {

inline trace::Trace trace_of(const std::string& text) {
  const auto parsed = trace::parse("t.cow", "name t\n" + text, trace::NameRule::equals_stem);
  if (const auto* error = std::get_if<trace::Error>(&parsed)) {
    ADD_FAILURE() << trace::format(*error);
    return {};
  }
  return std::get<trace::Trace>(parsed);
}

inline std::size_t rule(std::string_view name) {
  for (std::size_t i = 0; i < kRules.size(); ++i)
    if (kRules[i].name == name) return i;
  ADD_FAILURE() << "no rule set " << name;
  return 0;
}

}  // namespace cow::runner

// Short ways to read a text that a test gives.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

#include "trace/cowstate.h"
#include "trace/parse.h"
#include "trace/print.h"

namespace cow::trace {

// The trace that the text is; a failure of the test if it is none.
inline Trace read(std::string_view text) {
  const Parsed parsed = parse("-", text, NameRule::free);
  if (const auto* error = std::get_if<Error>(&parsed)) {
    ADD_FAILURE() << format(*error) << "\n" << text;
    return {};
  }
  return std::get<Trace>(parsed);
}

// The same after a line `name t`.
inline Trace read_steps(const std::string& steps) { return read("name t\n" + steps); }

// The one step of a text.
inline StepLine read_step(const std::string& step) {
  const Trace trace = read_steps(step);
  if (trace.items.size() == 1)
    if (const auto* line = std::get_if<StepLine>(&trace.items.front())) return *line;
  ADD_FAILURE() << "no step: " << step;
  return {};
}

// The one fact of a text.
inline Fact read_fact(const std::string& fact) {
  const Trace trace = read_steps(fact);
  if (trace.items.size() == 1)
    if (const auto* line = std::get_if<Fact>(&trace.items.front())) return *line;
  ADD_FAILURE() << "no fact: " << fact;
  return {};
}

// `line:column: message` of the error that the text is; empty, and a failure, if it is a trace.
inline std::string error_of(std::string_view text) {
  const Parsed parsed = parse("-", text, NameRule::free);
  if (const auto* error = std::get_if<Error>(&parsed))
    return std::to_string(error->line) + ":" + std::to_string(error->column) + ": " +
           error->message;
  ADD_FAILURE() << "it is a trace:\n" << text;
  return {};
}

inline std::string state_error_of(std::string_view text) {
  const ParsedState parsed = parse_state("-", text);
  if (const auto* error = std::get_if<Error>(&parsed))
    return std::to_string(error->line) + ":" + std::to_string(error->column) + ": " +
           error->message;
  ADD_FAILURE() << "it is a state:\n" << text;
  return {};
}

inline bool says(const std::string& error, const std::string& start) {
  return error.compare(0, start.size(), start) == 0;
}

}  // namespace cow::trace

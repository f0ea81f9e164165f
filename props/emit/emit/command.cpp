#include "emit/command.h"

#include <fmt/core.h>

#include "emit/program.h"
#include "program/command.h"
#include "trace/input.h"
#include "trace/parse.h"

namespace cow::emit {
namespace {

std::variant<trace::Trace, trace::Error> read_trace(const std::string& path) {
  auto text = trace::read_input(path);
  if (auto* error = std::get_if<trace::Error>(&text)) return *error;
  const auto names = path == "-" ? trace::NameRule::free : trace::NameRule::equals_stem;
  auto parsed = trace::parse(path, std::get<std::string>(text), names);
  if (auto* error = std::get_if<trace::Error>(&parsed)) return *error;
  auto& trace = std::get<trace::Trace>(parsed);
  if (auto error = trace::first_unmodelled(trace)) return *error;
  for (const trace::Item& item : trace.items)
    if (const auto* par = std::get_if<trace::Par>(&item))
      return trace::Error{
          trace.file, par->at.line, par->at.column,
          "an emitted program takes its steps one after the other, and has no 'par'"};
  return std::move(trace);
}

}  // namespace

int command_emit(std::vector<std::string> arguments) {
  std::string file;
  CLI::App app{
      "Writes a trace as one C program, which needs nothing but a C library and prints TAP:\n"
      "what the specification expects of the kernel that it runs on.",
      "cow emit"};
  app.add_option("FILE", file, "a trace; `-` is standard input")->required();
  if (const auto status = program::parse(app, std::move(arguments))) return *status;
  const auto read = read_trace(file);
  if (const auto* error = std::get_if<trace::Error>(&read)) {
    fmt::print(stderr, "{}\n", trace::format(*error));
    return program::kUnusable;
  }
  fmt::print("{}", program(std::get<trace::Trace>(read)));
  return program::kAsExpected;
}

}  // namespace cow::emit

#include "program/inputs.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "trace/hash.h"
#include "trace/input.h"
#include "trace/parse.h"

namespace cow::program {
namespace {

using trace::Error;

bool is_state(const std::string& path) {
  return std::filesystem::path(path).extension() == ".cowstate";
}

// The first header line that begins with `verdict`, or else with `name`.
std::uint32_t find_verdict_line(std::string_view text) {
  std::uint32_t line = 0, name = 1;
  while (!text.empty()) {
    ++line;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view words = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    words.remove_prefix(std::min(words.find_first_not_of(" \t"), words.size()));
    const std::string_view first = words.substr(0, words.find_first_of(" \t\r"));
    if (first == "verdict") return line;
    if (first == "name") name = line;
  }
  return name;
}

std::variant<Input, Error> as_trace(const std::string& path, const std::string& text,
                                    Beyond beyond) {
  const bool piped = path == "-";
  auto parsed =
      trace::parse(path, text, piped ? trace::NameRule::free : trace::NameRule::equals_stem);
  if (auto* error = std::get_if<Error>(&parsed)) return *error;
  auto& t = std::get<trace::Trace>(parsed);
  if (beyond == Beyond::refused)
    if (auto error = trace::first_unmodelled(t)) return *error;
  const std::string name = t.name, hash = trace::hash(t);
  return Input{path, name, hash, find_verdict_line(text), std::move(t)};
}

std::variant<Input, Error> as_state(const std::string& path, const std::string& text) {
  auto parsed = trace::parse_state(path, text);
  if (auto* error = std::get_if<Error>(&parsed)) return *error;
  auto& state = std::get<trace::State>(parsed);
  const std::string hash = trace::hash(state);
  return Input{path, std::filesystem::path(path).stem().string(), hash, 1, std::move(state)};
}

std::variant<Input, Error> read_one(const std::string& path, Beyond beyond) {
  auto text = trace::read_input(path);
  if (auto* error = std::get_if<Error>(&text)) return *error;
  const std::string& content = std::get<std::string>(text);
  if (is_state(path)) return as_state(path, content);
  auto input = as_trace(path, content, beyond);
  if (path != "-" || std::holds_alternative<Input>(input)) return input;
  auto state = as_state(path, content);  // a pipe has no name that tells
  return std::holds_alternative<Input>(state) ? std::move(state) : std::move(input);
}

}  // namespace

std::optional<std::vector<Input>> read_inputs(const std::vector<std::string>& paths,
                                              Beyond beyond) {
  std::vector<Input> inputs;
  bool usable = true;
  for (const std::string& path : paths) {
    auto input = read_one(path, beyond);
    if (const auto* error = std::get_if<Error>(&input)) {
      fmt::print(stderr, "{}\n", trace::format(*error));
      usable = false;
    } else {
      inputs.push_back(std::get<Input>(std::move(input)));
    }
  }
  if (!usable) return std::nullopt;
  return inputs;
}

}  // namespace cow::program

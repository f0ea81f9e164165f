#include "laws/replay.h"

#include <algorithm>

#include "trace/input.h"
#include "trace/parse.h"

namespace cow::laws {

std::variant<std::vector<trace::Trace>, trace::Error> read_corpus(
    const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.path().extension() == ".cow") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<trace::Trace> traces;
  for (const std::filesystem::path& file : files) {
    const auto text = trace::read_input(file.string());
    if (const auto* error = std::get_if<trace::Error>(&text)) return *error;
    auto parsed =
        trace::parse(file.string(), std::get<std::string>(text), trace::NameRule::equals_stem);
    if (const auto* error = std::get_if<trace::Error>(&parsed)) return *error;
    traces.push_back(std::get<trace::Trace>(std::move(parsed)));
  }
  return traces;
}

}  // namespace cow::laws

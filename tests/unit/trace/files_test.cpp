// Every trace of this repository is read, and prints to itself.
#include <filesystem>
#include <vector>

#include "reading.h"
#include "trace/input.h"

namespace cow::trace {
namespace {

std::vector<std::filesystem::path> traces_in(const std::string& room) {
  std::vector<std::filesystem::path> paths;
  const std::filesystem::path folder = std::filesystem::path(COW_TESTS_DIR) / room;
  if (!std::filesystem::is_directory(folder)) return paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".cow") paths.push_back(entry.path());
  return paths;
}

class Room : public testing::TestWithParam<std::string> {};

TEST_P(Room, ReadsAndPrintsToItself) {
  for (const std::filesystem::path& path : traces_in(GetParam())) {
    const auto text = read_input(path.string());
    ASSERT_TRUE(std::holds_alternative<std::string>(text)) << path;
    const Parsed parsed = parse(path.string(), std::get<std::string>(text), NameRule::equals_stem);
    if (const auto* error = std::get_if<Error>(&parsed)) {
      ADD_FAILURE() << format(*error);
      continue;
    }
    const auto& trace = std::get<Trace>(parsed);
    EXPECT_EQ(read(print(trace)), trace) << path;
    EXPECT_EQ(print(read(print(trace))), print(trace)) << path;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Room, testing::Values("recorded", "litmus", "regress"));

struct BadFile {
  std::string name;
  std::uint32_t line, column;
};

class BadFiles : public testing::TestWithParam<BadFile> {};

TEST_P(BadFiles, IsRefusedAtItsPlace) {
  const std::string path = std::string(COW_TESTS_DIR) + "/fuzz/corpus/bad-" + GetParam().name;
  const auto text = read_input(path);
  ASSERT_TRUE(std::holds_alternative<std::string>(text)) << path;
  const auto& bytes = std::get<std::string>(text);
  Error error;
  if (path.ends_with(".cowstate")) {
    const ParsedState parsed = parse_state(path, bytes);
    ASSERT_TRUE(std::holds_alternative<Error>(parsed));
    error = std::get<Error>(parsed);
  } else {
    // The name is the stem without `bad-`, except in the file whose fault that is.
    const Parsed parsed = parse(GetParam().name, bytes, NameRule::equals_stem);
    ASSERT_TRUE(std::holds_alternative<Error>(parsed));
    error = std::get<Error>(parsed);
  }
  EXPECT_EQ(error.line, GetParam().line) << format(error);
  EXPECT_EQ(error.column, GetParam().column) << format(error);
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadFiles,
    testing::Values(BadFile{"cell.cow", 3, 11}, BadFile{"empty.cow", 1, 1},
                    BadFile{"frame-name.cowstate", 1, 7}, BadFile{"half-line.cow", 2, 14},
                    BadFile{"huge-number.cow", 2, 23}, BadFile{"no-value.cow", 3, 11},
                    BadFile{"nul.cow", 3, 16}, BadFile{"other-name.cow", 1, 6},
                    BadFile{"unknown-outcome.cow", 3, 19}, BadFile{"unknown-rule.cow", 2, 7},
                    BadFile{"unknown-step.cow", 3, 4}, BadFile{"value-range.cow", 3, 14}));

TEST(Input, RefusesFoldersAndMissingFiles) {
  EXPECT_TRUE(std::holds_alternative<Error>(read_input(COW_TESTS_DIR)));
  EXPECT_TRUE(std::holds_alternative<Error>(read_input("no/such/file.cow")));
}

}  // namespace
}  // namespace cow::trace

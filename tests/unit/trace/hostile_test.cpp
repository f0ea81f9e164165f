// Large and broken inputs come to an end, with an error or a trace.
#include "reading.h"
#include "trace/lexer.h"

namespace cow::trace {
namespace {

constexpr std::size_t kTenMegabytes = 10 * 1024 * 1024;

TEST(Hostile, OneVeryLongLine) {
  EXPECT_TRUE(says(error_of(std::string(kTenMegabytes, 'a')), "1:65537: expected at most 64 KiB"));
  EXPECT_TRUE(says(error_of("name t\n#" + std::string(kTenMegabytes, ' ')), "2:65537: "));
}

TEST(Hostile, TheLongestLineIsRead) {
  EXPECT_EQ(read("name t\n#" + std::string(kMaxLine - 1, 'x') + "\r\n").name, "t");
  EXPECT_TRUE(says(error_of("name t\n#" + std::string(kMaxLine, 'x') + "\n"), "2:65537: "));
}

TEST(Hostile, Garbage) {
  std::string text(kTenMegabytes, '\0');
  std::uint32_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  EXPECT_FALSE(error_of(text).empty());
}

TEST(Hostile, AMillionSteps) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "P0 exit\n";
  EXPECT_EQ(read_steps(text).items.size(), 1'000'000u);
}

TEST(Hostile, AMillionLinesWithoutAWord) {
  EXPECT_EQ(read("name t\n" + std::string(1'000'000, '\n')).items.size(), 0u);
}

TEST(Hostile, ManyNames) {
  std::string text;
  for (int i = 0; i < 100'000; ++i)
    text += "P" + std::to_string(i) + " read r" + std::to_string(i) + "\n";
  const Trace trace = read_steps(text);
  EXPECT_EQ(trace.names.processes.size(), 100'000u);
  EXPECT_EQ(trace.names.regions.size(), 100'000u);
}

TEST(Hostile, ALineOfManyWords) {
  std::string verdict = "name t\nverdict";
  std::string schedule = "schedule", set = "P0 read a = {0";
  for (int i = 0; i < 30'000; ++i) {
    verdict += " 6";
    schedule += " 0";
    set += ",1";
  }
  EXPECT_TRUE(says(error_of(verdict), "2:9: "));
  EXPECT_EQ(read_steps(schedule + "\npar\nP0 exit\nend\n").items.size(), 1u);
  EXPECT_TRUE(says(error_of("name t\n" + set + "}\n"), "2:13: expected at most 256 words"));
}

TEST(Hostile, MoreThanTheWholeLimit) {
  EXPECT_TRUE(says(error_of(std::string(kMaxText + 1, '\n')), "1:1: expected at most 64 MiB"));
}

}  // namespace
}  // namespace cow::trace

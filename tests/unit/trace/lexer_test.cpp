// Lines and words: blanks, comments, line ends, bytes.
#include "trace/lexer.h"

#include "reading.h"

namespace cow::trace {
namespace {

TEST(Lexer, BlanksAndTabsPartWords) {
  Line line("  P0\twrite \t a # rest", 7);
  EXPECT_EQ(line.word().column, 3u);
  EXPECT_EQ(line.take().text, "P0");
  EXPECT_EQ(line.take().text, "write");
  EXPECT_EQ(line.take().text, "a");
  EXPECT_TRUE(line.done());
  EXPECT_EQ(line.word().column, 15u);
}

TEST(Lexer, ACommentBeginsAnywhere) {
  EXPECT_EQ(read("name t#x\nP0 exit# -> ok\n#\n").items.size(), 1u);
  EXPECT_EQ(read("name t\nquestion Is # text?\n").question, "Is # text?");
}

TEST(Lexer, LineEndsAreFreeToChoose) {
  const Trace unix_ends = read("name t\nquestion Q?\nP0 exit\n");
  EXPECT_EQ(read("name t\r\nquestion Q?\r\nP0 exit\r\n"), unix_ends);
  EXPECT_EQ(read("name t\nquestion Q?\nP0 exit"), unix_ends);
  EXPECT_EQ(read("\xef\xbb\xbfname t\nquestion Q?\nP0 exit"), unix_ends);
}

TEST(Lexer, BytesThatAreNoTextAreRefused) {
  EXPECT_EQ(error_of(std::string_view("name t\n# \0\n", 11)),
            "2:3: expected text, found a NUL byte");
  EXPECT_TRUE(says(error_of("name t\rx\n"), "1:7: expected text, found control character 13"));
  EXPECT_TRUE(says(error_of("name t\nquestion a\x01\n"), "2:11: expected text"));
  EXPECT_EQ(read("name t\n# \x1b\n").items.size(), 0u);
}

TEST(Lexer, OnlyUtf8IsText) {
  for (const char* good : {"ä", "…", "\xf0\x9f\x90\x84", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"})
    EXPECT_EQ(read(std::string("name t\n# ") + good).name, "t");
  for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xff",
                          "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xe2\x80"})
    EXPECT_TRUE(says(error_of(std::string("name t\n# ") + bad + "\n"), "2:3: expected UTF-8"));
}

TEST(Lexer, LongWordsAreCutInErrorsBetweenCharacters) {
  std::string word;
  for (int i = 0; i < 40; ++i) word += "ä";
  EXPECT_EQ(in_quotes("x" + word).size(), 59u + 2 + 3);
  EXPECT_EQ(in_quotes("short"), "'short'");
}

}  // namespace
}  // namespace cow::trace

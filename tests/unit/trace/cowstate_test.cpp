// States: what is said, what is left unknown, and what is refused.
#include "reading.h"

namespace cow::trace {
namespace {

State read_state(std::string_view text) {
  const ParsedState parsed = parse_state("-", text);
  if (const auto* error = std::get_if<Error>(&parsed)) {
    ADD_FAILURE() << format(*error);
    return {};
  }
  return std::get<State>(parsed);
}

TEST(CowState, ReadsTheExampleOfTheContract) {
  const State state = read_state(
      "frame 3 anon refcount 2 mapcount 2\nP0 a[0] frame 3 rw private\nP1 b[4] frame 3 rw "
      "private\n");
  ASSERT_EQ(state.frames.size(), 1u);
  EXPECT_EQ(state.frames[0].number, 3u);
  EXPECT_EQ(state.frames[0].kind, PageKind::anon);
  EXPECT_EQ(state.frames[0].mapcount, 2u);
  EXPECT_EQ(state.frames[0].pins, std::nullopt);
  ASSERT_EQ(state.entries.size(), 2u);
  EXPECT_EQ(state.entries[1].at.line, 3u);
  EXPECT_EQ(state.entries[1].place, (StatePlace{1, "b", 4}));
  EXPECT_EQ(state.entries[1].prot, Prot::rw);
  EXPECT_FALSE(state.complete);
}

TEST(CowState, ReadsSwapMigrationReferencesAndComplete) {
  const State state = read_state(
      "P0 a[1] swap 7\nP0 a[2] migration frame 3 ro\nk frame 3 ro get of P0 a[0]\ncomplete\n");
  EXPECT_EQ(state.entries[0].shows, Shows::swap);
  EXPECT_EQ(state.entries[1].shows, Shows::migration);
  EXPECT_EQ(state.entries[1].number, 3u);
  ASSERT_EQ(state.references.size(), 1u);
  EXPECT_EQ(state.references[0].foll_pin, false);
  EXPECT_EQ(state.references[0].of, (StatePlace{0, "a", 0}));
  EXPECT_TRUE(state.complete);
}

TEST(CowState, RefusesAtTheRightPlace) {
  const std::pair<std::string, std::string> bad[] = {
      {"", "1:1: expected a frame, an entry"},
      {"frame three\n", "1:7: expected a frame number"},
      {"frame 3 heap\n", "1:9: expected anon, file"},
      {"frame 3 anon file\n", "1:14: expected each attribute once"},
      {"frame 3 pins 1 pins 1\n", "1:16: expected each attribute once"},
      {"frame 3 refcount\n", "1:17: expected a number"},
      {"frame 3\nframe 3\n", "2:1: expected each frame once, found one that line 1 describes"},
      {"P0 a[0] frame 3\nP0 a frame 4\n", "2:1: expected each place once"},
      {"P0 a[0..1] frame 3\n", "1:7: expected ']' (this step takes one page)"},
      {"P0 a[0]\n", "1:8: expected frame, swap or migration"},
      {"P0 a[0] migration 3\n", "1:19: expected 'frame'"},
      {"P0 a[0] frame 3 ro rw\n", "1:20: expected each attribute once"},
      {"k frame 3 of P0\n", "1:16: expected a region"},
      {"k frame 3\nk frame 4\n", "2:1: expected each reference once"},
      {"complete\ncomplete\n", "2:1: expected one line 'complete'"},
      {"Frame 3\n", "1:1: expected frame N"},
      {"zero 3\n", "1:1: expected frame N"},
  };
  for (const auto& [text, error] : bad)
    EXPECT_TRUE(says(state_error_of(text), error)) << state_error_of(text);
}

TEST(CowState, PrintsWhatItReads) {
  const std::string text =
      "frame 3 anon refcount 1026 mapcount 2 pins 1 exclusive swapcache\nframe 4\n"
      "P0 a[0] frame 3 rw dirty young private\nP0 a[1] swap 7\nP0 a[2] migration frame 3 ro\n"
      "k frame 3 ro get of P0 a[0]\nk2 frame 4 rw pin\ncomplete\n";
  EXPECT_EQ(print(read_state(text)), text);
}

TEST(CowState, OrderAndCommentsDoNotMatter) {
  const State state = read_state("complete # all\nP0 a frame 3 young ro dirty\nframe 3\n");
  EXPECT_EQ(print(state), "frame 3\nP0 a[0] frame 3 ro dirty young\ncomplete\n");
  EXPECT_EQ(read_state(print(state)), state);
}

}  // namespace
}  // namespace cow::trace

// Each clause of a snapshot: held, violated with its witnesses, or unknown.
#include "state/check.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace cow::state {
namespace {

std::vector<Finding> check_text(const std::string& text) {
  const trace::ParsedState parsed = trace::parse_state("-", text);
  if (const auto* error = std::get_if<trace::Error>(&parsed)) {
    ADD_FAILURE() << trace::format(*error);
    return {};
  }
  return check(std::get<trace::State>(parsed));
}

std::vector<Finding> of(const std::vector<Finding>& all, std::string_view clause) {
  std::vector<Finding> some;
  for (const Finding& f : all)
    if (f.clause == clause) some.push_back(f);
  return some;
}

std::string violated(const std::vector<Finding>& all) {
  std::string names;
  for (const Finding& f : all)
    if (f.status == Status::violated) names += (names.empty() ? "" : " ") + f.clause;
  return names;
}

struct Case {
  const char* clause;
  const char* text;
  std::uint32_t line;
  const char* witness;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.witness; }

class Violation : public testing::TestWithParam<Case> {};

TEST_P(Violation, NamesClauseLineAndWitness) {
  const Case& c = GetParam();
  const std::vector<Finding> found = of(check_text(c.text), c.clause);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].status, Status::violated);
  EXPECT_EQ(found[0].line, c.line);
  EXPECT_EQ(found[0].witness, c.witness);
}

INSTANTIATE_TEST_SUITE_P(
    OfEveryClause, Violation,
    testing::Values(
        Case{"ALONE-1",
             "frame 3 anon refcount 2 mapcount 2\nP0 a[0] frame 3 rw private\n"
             "P1 b[4] frame 3 rw private\n",
             2, "P0 a[0] and P1 b[4] both write frame 3"},
        Case{"ALONE-1", "P0 a[0] frame 3 rw private\nP1 b[4] frame 3 ro private\n", 1,
             "P0 a[0] writes frame 3, which P1 b[4] maps too"},
        Case{"ALONE-1", "frame 3 anon mapcount 2\nP0 a[0] frame 3 rw private\n", 2,
             "P0 a[0] writes frame 3, whose mapcount is 2"},
        Case{"ISO-1", "frame 3 anon\nP0 a[0] frame 3 rw private\nk frame 3 ro get of P1 a[0]\n", 2,
             "P0 a[0] may write frame 3, which k of P1 a[0] shows"},
        Case{"FREED-1", "frame 3 anon refcount 0\nP0 a[0] frame 3 ro private\n", 2,
             "P0 a[0] names frame 3, which is free"},
        Case{"FREED-1", "k frame 4 ro pin of P0 a[0]\ncomplete\n", 1,
             "k names frame 4, which is not there"},
        Case{"CNT-1",
             "frame 3 anon mapcount 1\nP0 a[0] frame 3 ro private\nP1 a[0] frame 3 ro private\n", 1,
             "frame 3 says mapcount 1, and 2 entries map it: P0 a[0], P1 a[0]"},
        Case{"CNT-1", "frame 3 anon mapcount 2\nP0 a[0] frame 3 ro private\ncomplete\n", 1,
             "frame 3 says mapcount 2, and 1 entries map it: P0 a[0]"},
        Case{"CNT-2",
             "frame 3 anon refcount 2 mapcount 1\nP0 a[0] frame 3 ro private\n"
             "k frame 3 ro pin of P0 a[0]\n",
             1,
             "frame 3 says refcount 2, and mappings, cache, gets and 1024 for each pin make 1025"},
        Case{"CNT-2", "frame 3 file refcount 1 mapcount 1\nP0 a[0] frame 3 ro shared\n", 1,
             "frame 3 says refcount 1, and mappings, cache, gets and 1024 for each pin make 2"},
        Case{"CNT-2", "frame 3 anon refcount 1 swapcache\nP0 a[0] frame 3 ro private\n", 1,
             "frame 3 says refcount 1, and mappings, cache, gets and 1024 for each pin make 2"},
        Case{"CNT-2", "frame 3 anon pins 0\nk frame 3 ro pin of P0 a[0]\n", 1,
             "frame 3 says pins 0, and 1 references are listed on it"},
        Case{"ZERO-1", "frame 0 zero\nP0 a[0] frame 0 ro shared\n", 2,
             "P0 a[0] maps, in a shared mapping, the zero page, frame 0"},
        Case{"ZERO-2", "frame 0 zero\nP0 a[0] frame 0 rw private\n", 2,
             "P0 a[0] writes the zero page, frame 0"},
        Case{"FILE-1", "frame 3 file\nP0 a[0] frame 3 rw private\n", 2,
             "P0 a[0] writes, in a private mapping, the page cache's frame 3"},
        Case{"REUSE-2", "frame 3 ksm\nP0 a[0] frame 3 rw private\n", 2,
             "P0 a[0] writes the KSM page frame 3"},
        Case{"SHM-1", "frame 3 anon\nP0 a[0] frame 3 ro shared\n", 2,
             "P0 a[0] maps, in a shared mapping, the anonymous frame 3"},
        Case{"COPY-3", "frame 3 file\nP0 a[0] frame 3 ro dirty private\n", 2,
             "P0 a[0] is private and dirty, and maps no copy of its own but frame 3"},
        Case{"PIN-1", "frame 3 anon\nP1 a[0] frame 3 ro private\nk frame 3 rw pin of P0 a[0]\n", 2,
             "P1 a[0] maps frame 3, which k of P0 a[0] shows"},
        Case{"PIN-3",
             "frame 3 anon exclusive\nP0 a[0] frame 3 ro private\nP1 a[0] frame 3 ro private\n", 1,
             "P0 a[0] and P1 a[0] both map frame 3, which is exclusive"},
        Case{"PIN-3", "frame 3 file exclusive\n", 1, "frame 3 is exclusive, and not anonymous"},
        Case{"PIN-3", "frame 3 anon mapcount 2 exclusive\n", 1,
             "frame 3 is exclusive, and its mapcount is 2"}));

struct Open {
  const char* clause;
  const char* text;
};
std::ostream& operator<<(std::ostream& out, const Open& o) { return out << o.clause; }

class Unknown : public testing::TestWithParam<Open> {};

TEST_P(Unknown, IsNoViolation) {
  const std::vector<Finding> all = check_text(GetParam().text);
  const std::vector<Finding> found = of(all, GetParam().clause);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].status, Status::unknown);
  EXPECT_EQ(violated(all), "");
}

INSTANTIATE_TEST_SUITE_P(
    WhatIsNotSaid, Unknown,
    testing::Values(Open{"ALONE-1", "frame 3 anon\nP0 a[0] frame 3 rw private\n"},
                    Open{"ALONE-1", "P0 a[0] frame 3 private\nP1 a[0] frame 3 private\n"},
                    Open{"ISO-1", "P0 a[0] frame 3 rw private\nk frame 3 ro get of P1 a[0]\n"},
                    Open{"FREED-1", "P0 a[0] frame 3 ro private\n"},
                    Open{"CNT-1", "frame 3 anon mapcount 2\nP0 a[0] frame 3 ro private\n"},
                    Open{"CNT-2", "frame 3 anon refcount 2\nP0 a[0] frame 3 ro private\n"},
                    Open{"CNT-2", "frame 3 anon refcount 1024\nk frame 3 ro of P0 a[0]\n"},
                    Open{"ZERO-1", "P0 a[0] frame 3 ro shared\n"},
                    Open{"ZERO-2", "P0 a[0] frame 3 rw private\n"},
                    Open{"FILE-1", "frame 3 file\nP0 a[0] frame 3 rw\n"},
                    Open{"REUSE-2", "frame 3 ksm\nP0 a[0] frame 3 private\n"},
                    Open{"SHM-1", "frame 3 anon\nP0 a[0] frame 3 ro\n"},
                    Open{"COPY-3", "frame 3 file\nP0 a[0] frame 3 ro private\n"},
                    Open{"PIN-1",
                         "frame 3 anon\nP1 a[0] frame 3 ro private\n"
                         "k frame 3 rw of P0 a[0]\n"},
                    Open{"PIN-3", "frame 3 anon\nP0 a[0] frame 3 ro private\n"}));

TEST(CheckState, HoldsWhereEverythingIsSaid) {
  const std::vector<Finding> all = check_text(
      "frame 0 zero\nframe 3 anon refcount 1027 mapcount 1 pins 1 exclusive\n"
      "frame 4 anon refcount 2 mapcount 2\nframe 5 file refcount 3 mapcount 2\n"
      "P0 a[0] frame 3 rw dirty private\nP0 a[1] frame 4 ro private\nP1 a[1] frame 4 ro private\n"
      "P0 a[2] frame 0 ro private\nP0 b[0] frame 5 rw dirty shared\nP1 b[0] frame 5 ro private\n"
      "P1 a[2] swap 7\nk frame 3 rw pin of P0 a[0]\ng frame 3 ro get of P0 a[0]\n"
      "g2 frame 3 ro get of P0 a[0]\ncomplete\n");
  ASSERT_EQ(all.size(), clauses().size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].clause, clauses()[i]);
    EXPECT_EQ(all[i].status, Status::held) << all[i].clause << ": " << all[i].witness;
  }
}

TEST(CheckState, SharedReadOnlyHolds) {
  EXPECT_EQ(violated(check_text("frame 3 anon refcount 2 mapcount 2\nP0 a[0] frame 3 ro private\n"
                                "P1 a[0] frame 3 ro private\n")),
            "");
}

TEST(CheckState, AMigrationEntryIsNoMapping) {
  EXPECT_EQ(violated(check_text("frame 3 anon refcount 1 mapcount 0\n"
                                "P0 a[0] migration frame 3 ro\ncomplete\n")),
            "");
}

TEST(CheckState, TellsEachPageOnceAndNotWithoutEnd) {
  std::string text;
  for (int f = 1; f <= 2 * kMostWitnesses; ++f)
    for (const char* process : {"P0", "P1", "P2"})
      text += std::string(process) + " a[" + std::to_string(f) + "] frame " + std::to_string(f) +
              " rw private\n";
  EXPECT_EQ(of(check_text(text), "ALONE-1").size(), std::size_t{kMostWitnesses});
}

TEST(CheckState, AManyPagedStateIsCheckedAsOne) {
  constexpr int kEntries = 10'000;
  std::string frames, entries;
  for (int f = 1; f <= kEntries / 2; ++f) {
    const std::string n = std::to_string(f);
    frames += "frame " + n + " anon refcount 2 mapcount 2\n";
    entries += "P0 a[" + n + "] frame " + n + " ro private\n";
    entries += "P1 a[" + n + "] frame " + n + " ro private\n";
  }
  EXPECT_EQ(violated(check_text(frames + entries + "complete\n")), "");
  const std::string two =
      "frame 9999 anon\nP0 b[0] frame 9999 rw private\n"
      "P1 b[4] frame 9999 rw private\n";
  const std::vector<Finding> found = of(check_text(frames + entries + two), "ALONE-1");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].witness, "P0 b[0] and P1 b[4] both write frame 9999");
}

}  // namespace
}  // namespace cow::state

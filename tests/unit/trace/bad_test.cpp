// What cannot be used is refused at the right place, and says what was expected.
#include "reading.h"

namespace cow::trace {
namespace {

struct Bad {
  std::string text;
  std::string error;  // how it begins
};

class BadTrace : public testing::TestWithParam<Bad> {};

TEST_P(BadTrace, IsRefusedAtItsPlace) {
  const std::string error = error_of(GetParam().text);
  EXPECT_TRUE(says(error, GetParam().error))
      << "expected " << GetParam().error << "\n  found " << error << "\nin:\n"
      << GetParam().text;
}

const std::string kMap = "name t\nP0 map a anon private 1\n";

INSTANTIATE_TEST_SUITE_P(
    Header, BadTrace,
    testing::Values(
        Bad{"", "1:1: expected 'name', found the end of the file"},
        Bad{"\n# nothing\n", "3:1: expected 'name', found the end of the file"},
        Bad{"P0 exit\n", "1:1: expected 'name' on the first line, found 'P0'"},
        Bad{"question Why?\n", "1:1: expected 'name' on the first line"},
        Bad{"name\n", "1:5: expected the name of the trace, found the end of the line"},
        Bad{"name a b\n", "1:8: expected the end of the line, found 'b'"},
        Bad{"name a\nname a\n", "2:1: expected one line 'name'"},
        Bad{"name a\nquestion\n", "2:9: expected a question"},
        Bad{"name a\nquestion A?\nquestion B?\n", "3:1: expected one line 'question'"},
        Bad{"name a\nclauses\n", "2:8: expected a clause id"},
        Bad{"name a\nclauses iso-1\n", "2:9: expected a clause id"},
        Bad{"name a\nrules\n", "2:6: expected a rule set"},
        Bad{"name a\nrules 4.2\n",
            "2:7: expected a rule set (5.7, 5.14, 5.18, 5.19, 6.15, or all)"},
        Bad{"name a\nrules 5.10\n", "2:7: expected a rule set"},
        Bad{"name a\nrules 5.7 5.7\n", "2:11: expected each rule set once"},
        Bad{"name a\nrules all 5.7\n", "2:11: expected the end of the line"},
        Bad{"name a\nrules 5.7\nrules 5.14\n", "3:1: expected one line 'rules'"},
        Bad{"name a\nverdict none\n", "2:9: expected a rule set"},
        Bad{"name a\nverdict 5.7\n", "2:12: expected a verdict"},
        Bad{"name a\nverdict 4.2 none\n", "2:9: expected a rule set"},
        Bad{"name a\nverdict 5.7 lost\n", "2:13: expected a verdict"},
        Bad{"name a\nverdict 5.7 missed,lost\n", "2:20: expected a verdict"},
        Bad{"name a\nverdict 5.7 missed,missed\n", "2:20: expected each word of a verdict once"},
        Bad{"name a\nverdict 5.7 missed,\n", "2:20: expected a verdict"},
        Bad{"name a\nverdict 5.7 missed,SWAP-\n", "2:20: expected a verdict"},
        Bad{"name a\nverdict 5.7 SWAP-6,SWAP-6\n", "2:20: expected each word of a verdict once"},
        Bad{"name a\nverdict 5.7 5.7 missed\n", "2:13: expected each rule set once"},
        Bad{"name a\nverdict 5.7 none\nverdict 5.7 none\n", "3:9: expected one verdict"},
        Bad{"name a\nverdict 5.7 none\nverdict all none\n", "3:9: expected one verdict"},
        Bad{"name a\nrules 5.14\nverdict 5.7 none\n",
            "3:9: expected a rule set that 'rules' names"},
        Bad{"name a\nverdict 5.7 none\nrules 5.14\n",
            "2:9: expected a rule set that 'rules' names"},
        Bad{"name a\nfile f 1\n", "2:6: expected a file, found 'f'"},
        Bad{"name a\nfile F\n", "2:7: expected a number from 1 to 16777216"},
        Bad{"name a\nfile F 0\n", "2:8: expected a number from 1 to 16777216"},
        Bad{"name a\nfile F 1 = 256\n", "2:12: expected a value from 0 to 255"},
        Bad{"name a\nfile F 1 9\n", "2:10: expected '=' or the end of the line"},
        Bad{"name a\nfile F 1\nfile F 2\n", "3:6: expected each file once"},
        Bad{"name a\nframes 0\n", "2:8: expected a number from 1"},
        Bad{"name a\nframes 1\nframes 1\n", "3:1: expected one line 'frames'"},
        Bad{kMap + "frames 3\n", "3:1: expected a step (header lines come before the first)"}));

INSTANTIATE_TEST_SUITE_P(
    Steps, BadTrace,
    testing::Values(
        Bad{"name t\nP0\n", "2:3: expected map, unmap, "},
        Bad{"name t\nP0 frobnicate a\n", "2:4: expected map, unmap, "},
        Bad{"name t\nfrobnicate a\n", "2:12: expected read, write or unpin, found 'a'"},
        Bad{"name t\nQ0 exit\n", "2:1: expected a step"},
        Bad{"name t\n-> ok\n", "2:1: expected a step"},
        Bad{"name t\nP exit\n", "2:2: expected a process number"},
        Bad{"name t\nP00 exit\n", "2:2: expected a process number without leading zeros"},
        Bad{"name t\nP2147483648 exit\n", "2:2: expected a process number below 2147483648"},
        Bad{"name t\nP0@ exit\n", "2:4: expected a thread"},
        Bad{"name t\nP0x exit\n", "2:3: expected '@' and a thread, or a blank, found 'x'"},
        Bad{"name t\nP0 map a anon\n", "2:14: expected private or shared, found the end"},
        Bad{"name t\nP0 map a heap private 1\n", "2:10: expected anon or file:F"},
        Bad{"name t\nP0 map a anon private 0\n", "2:23: expected a number from 1 to 16777216"},
        Bad{"name t\nP0 map a anon private 16777217\n", "2:23: expected a number from 1"},
        Bad{"name t\nP0 map a anon private 1x\n", "2:24: expected a blank after a number"},
        Bad{"name t\nP0 map a anon private 1 none\n", "2:25: expected '->' or the end"},
        Bad{"name t\nP0 map a anon shared 1 thp\n", "2:24: expected '->' or the end"},
        Bad{"name t\nP0 map a[1] anon private 1\n", "2:9: expected a region's name alone"},
        Bad{"name t\nP0 map A anon private 1\n", "2:8: expected a region, found 'A'"},
        Bad{"name t\nP0 map write anon private 1\n",
            "2:8: expected a region that is no reserved word, found 'write'"},
        Bad{"name t\nP0 map a file:F private 1\n",
            "2:15: expected a file that a header line declares, found 'F'"},
        Bad{"name t\nfile F 1\nP0 map a file:F 1\n", "3:17: expected private or shared"},
        Bad{"name t\nfile F 1\nP0 map a file:F shared 1 at\n", "3:28: expected a page of the file"},
        Bad{kMap + "P0 protect a\n", "3:13: expected none, ro or rw"},
        Bad{kMap + "P0 protect a[2..1] ro\n", "3:17: expected a last page from 2"},
        Bad{kMap + "P0 protect a[1 ro\n", "3:15: expected '..' or ']', found the end of 'a[1'"},
        Bad{kMap + "P0 protect a.1 ro\n", "3:13: expected a page, no cell"},
        Bad{kMap + "P0 remap a\n", "3:11: expected a region, found the end of the line"},
        Bad{kMap + "P0 remap a b[1]\n", "3:13: expected a region's name alone"},
        Bad{kMap + "P0 remap a lock\n", "3:12: expected a region that is no reserved word"},
        Bad{kMap + "P0 remap a b c\n", "3:14: expected '->' or the end of the line"},
        Bad{kMap + "P0 remap a.1 b\n", "3:11: expected a page, no cell"},
        Bad{kMap + "P0 lock a.1\n", "3:10: expected a page, no cell"},
        Bad{kMap + "P0 unlock\n", "3:10: expected a region, found the end of the line"},
        Bad{kMap + "P0 lock a b\n", "3:11: expected '->' or the end of the line"},
        Bad{kMap + "P0 read a[0..1]\n", "3:12: expected ']' (this step takes one page)"},
        Bad{kMap + "P0 read a.4\n", "3:11: expected a cell from 0 to 3, found '4'"},
        Bad{kMap + "P0 read a[-1]\n", "3:11: expected a page below 2147483648, found '-1]'"},
        Bad{kMap + "P0 read a[2147483648]\n", "3:11: expected a page below 2147483648"},
        Bad{kMap + "P0 read\n", "3:8: expected a region, found the end of the line"},
        Bad{kMap + "P0 advise a gladly\n", "3:13: expected dontneed, "},
        Bad{kMap + "P0 fork\n", "3:8: expected a process"},
        Bad{kMap + "P0 fork P1@1\n", "3:11: expected a blank after the process"},
        Bad{kMap + "P0 exit now\n", "3:9: expected '->' or the end of the line"},
        Bad{kMap + "P0 write a\n", "3:11: expected '=', found the end of the line"},
        Bad{kMap + "P0 write a=1\n", "3:11: expected a page and a cell, found '=1'"},
        Bad{kMap + "P0 write a = 256\n", "3:14: expected a value from 0 to 255, found '256'"},
        Bad{kMap + "P0 write a = {1,2}\n", "3:14: expected a value from 0 to 255"},
        Bad{kMap + "P0 pin k a\n", "3:11: expected ro or rw"},
        Bad{kMap + "P0 pin k a ro fast long\n", "3:20: expected '->' or the end"},
        Bad{kMap + "P0 pin sys a ro\n", "3:8: expected a reference that is no reserved word"},
        Bad{kMap + "P0 pin k a.1 ro\n", "3:11: expected a page, no cell"},
        Bad{"name t\nk.4 read\n", "2:3: expected a cell from 0 to 3"},
        Bad{"name t\nk.1 unpin\n", "2:5: expected read or write of a cell"},
        Bad{"name t\nk write\n", "2:8: expected '='"},
        Bad{"name t\nsys\n", "2:4: expected ref, unref, "},
        Bad{"name t\nsys ref a\n", "2:9: expected a process, found 'a'"},
        Bad{"name t\nsys ref P0 a\n", "2:11: expected '.' and a region"},
        Bad{"name t\nsys fail 3\n", "2:10: expected alloc or table"},
        Bad{"name t\nsys fail alloc 0\n", "2:16: expected a number from 1"}));

INSTANTIATE_TEST_SUITE_P(
    Expectations, BadTrace,
    testing::Values(
        Bad{kMap + "P0 exit ->\n", "3:11: expected an outcome (ok, hit, "},
        Bad{kMap + "P0 exit -> splendid\n", "3:12: expected an outcome"},
        Bad{kMap + "P0 exit -> ok inval\n", "3:15: expected the end of the line"},
        Bad{kMap + "P0 exit -> {ok\n", "3:12: expected '}'"},
        Bad{kMap + "P0 exit -> {}\n", "3:13: expected a word of the set"},
        Bad{kMap + "P0 exit -> {ok,,hit}\n", "3:16: expected a word of the set"},
        Bad{kMap + "P0 exit -> {ok,done}\n", "3:16: expected an outcome"},
        Bad{kMap + "P0 exit -> 5.8:ok\n", "3:12: expected a rule set"},
        Bad{kMap + "P0 exit -> 5.7:done\n", "3:16: expected an outcome"},
        Bad{kMap + "P0 exit -> 5.7:\n", "3:16: expected an outcome"},
        Bad{kMap + "P0 exit -> 5.7:ok ok\n", "3:19: expected a rule set"},
        Bad{kMap + "P0 exit -> 5.7:ok 5.7:ok\n", "3:19: expected each rule set once"},
        Bad{kMap + "P0 exit -> *:ok *:ok\n", "3:17: expected each rule set once"},
        Bad{kMap + "P0 read a =\n", "3:12: expected a value from 0 to 255, found the end"},
        Bad{kMap + "P0 read a = -> hit\n", "3:13: expected a value from 0 to 255"},
        Bad{kMap + "P0 read a = 1 2\n", "3:15: expected '->' or the end of the line, found '2'"},
        Bad{kMap + "P0 read a = 5.7:256\n", "3:17: expected a value from 0 to 255"},
        Bad{kMap + "P0 read a = ?\n", "3:14: expected a name after '?'"},
        Bad{kMap + "P0 fork P1 = 1\n", "3:12: expected '->' or the end of the line"},
        Bad{kMap + "assert\n", "3:7: expected a page Pn.A, frame, mapcount"},
        Bad{kMap + "assert nonsense P0.a = 1\n", "3:8: expected a page Pn.A, frame, mapcount"},
        Bad{kMap + "assert P0.a\n", "3:12: expected '='"},
        Bad{kMap + "assert P0.a = 256\n", "3:15: expected a value from 0 to 255"},
        Bad{kMap + "assert mapcount P0.a.1 = 1\n", "3:21: expected a page, no cell"},
        Bad{kMap + "assert frame P0.a = P1.a\n", "3:19: expected '==' or '!='"},
        Bad{kMap + "assert writable P0.a = 1\n", "3:24: expected an answer (no or yes)"},
        Bad{kMap + "assert kind P0.a = heap\n", "3:20: expected a kind"},
        Bad{kMap + "assert rss P0 zero = 1\n", "3:15: expected anon, file, shmem or swap"},
        Bad{kMap + "assert pages zero = 1\n", "3:14: expected anon, file, shmem or ksm"},
        Bad{kMap + "assert pins P0.a = 2147483648\n", "3:20: expected a number below 2147483648"}));

INSTANTIATE_TEST_SUITE_P(
    Par, BadTrace,
    testing::Values(
        Bad{"name t\npar\nP0 exit\n", "4:1: expected 'end' of the par block, found the end"},
        Bad{"name t\npar\nend\n", "3:1: expected a step in each column"},
        Bad{"name t\npar\nP0 exit\n||\nend\n", "5:1: expected a step in each column"},
        Bad{"name t\npar\nassert P0.a = 1\nend\n", "3:1: expected a step, '||' or 'end'"},
        Bad{"name t\nend\n", "2:1: expected a step"}, Bad{"name t\n||\n", "2:1: expected a step"},
        Bad{"name t\nschedule 0 1\nP0 exit\n", "3:1: expected 'par'"},
        Bad{"name t\nschedule\npar\n", "2:9: expected a column"},
        Bad{"name t\nschedule 0 1\npar\nP0 exit\nend\n", "2:12: expected a column from 0 to 0"},
        Bad{"name t\nnever ?x = 1\n", "2:7: expected a name that a step of a par block binds"},
        Bad{"name t\npar\nP0 read a = ?x\n||\nP1 read a = ?x\nend\n",
            "5:1: '?x' is bound by another step of this block"},
        Bad{"name t\npar\nP0 read a = ?x\nend\nnever ?x\n", "5:9: expected '=' or '!='"},
        Bad{"name t\npar\nP0 read a = ?x\nend\nnever ?x = 1 and\n", "5:14: expected '&', '|'"}));

TEST(BadName, MustEqualTheStem) {
  const Parsed parsed = parse("some/folder/this.cow", "name that\n", NameRule::equals_stem);
  ASSERT_TRUE(std::holds_alternative<Error>(parsed));
  EXPECT_EQ(format(std::get<Error>(parsed)),
            "some/folder/this.cow:1:6: error: expected the file's stem 'this', found 'that'");
}

TEST(BadName, StemKeepsAllButTheLastExtension) {
  EXPECT_TRUE(
      std::holds_alternative<Trace>(parse("a.b/c.d.cow", "name c.d\n", NameRule::equals_stem)));
  EXPECT_TRUE(std::holds_alternative<Trace>(parse("c", "name c\n", NameRule::equals_stem)));
}

}  // namespace
}  // namespace cow::trace

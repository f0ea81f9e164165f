#include "laws/props.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace cow::laws {
namespace {

class Props : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
  }
  int run(Options options) {
    options.cases = 40;
    out_.str("");
    err_.str("");
    return run_props(options, out_, err_);
  }
  // Whatever the rule set, the machines follow this one.
  static MakeMachines always(std::size_t rule) {
    return [rule](const cow::Setup& setup, const Rules&) {
      return specification_and_implementation(setup, kRules[rule]);
    };
  }

  std::filesystem::path folder_;
  std::ostringstream out_, err_;
};

TEST_F(Props, NamesMayBeLawsOrClausesAndTheSeedIsSaid) {
  Options options;
  options.names = {"FORK-2", "copy-is-private"};
  options.seed = 77;
  EXPECT_EQ(run(options), 0) << out_.str();
  EXPECT_NE(out_.str().find("seed 77"), std::string::npos);
  EXPECT_NE(out_.str().find("fork-protects-both"), std::string::npos);
  EXPECT_NE(out_.str().find("copy-is-private"), std::string::npos);
  EXPECT_EQ(out_.str().find("zero-page"), std::string::npos);
  EXPECT_EQ(err_.str(), "");
}

TEST_F(Props, AnUnknownNameCannotBeUsed) {
  Options options;
  options.names = {"FORK-99"};
  EXPECT_EQ(run(options), 2);
  EXPECT_NE(err_.str().find("FORK-99"), std::string::npos);
}

TEST_F(Props, AKnownFindingIsToldWithItsWitnessAndIsNoFailure) {
  Options options;
  options.names = {"ro-pin-stays"};
  options.rule = 1;
  EXPECT_EQ(run(options), 0) << out_.str();
  EXPECT_NE(out_.str().find("finding  ro-pin-stays 5.14"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("verdict   5.7 5.14 5.18 wrong"), std::string::npos) << out_.str();
}

TEST_F(Props, AKnownFindingThatDoesNotAppearIsAFailure) {
  Options options;
  options.names = {"ro-pin-stays"};
  options.rule = 1;
  options.machines = always(4);
  EXPECT_EQ(run(options), 1);
  EXPECT_NE(out_.str().find("a known finding did not appear"), std::string::npos) << out_.str();
}

TEST_F(Props, ABrokenLawIsWrittenAndTriedFirstTheNextTime) {
  Options options;
  options.names = {"ro-pin-stays"};
  options.rule = 4;
  options.machines = always(1);
  options.out = folder_;
  EXPECT_EQ(run(options), 1);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "ro-pin-stays-6-15.cow")) << out_.str();
  EXPECT_EQ(run(options), 1);
  EXPECT_NE(out_.str().find("still broken by ro-pin-stays-6-15"), std::string::npos) << out_.str();
  options.machines = nullptr;
  EXPECT_EQ(run(options), 0) << out_.str();
}

TEST_F(Props, ATraceOfTheFolderThatCannotBeReadIsSaid) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ / "bad.cow") << "name bad\nP0 frobnicate\n";
  Options options;
  options.names = {"FORK-2"};
  options.out = folder_;
  EXPECT_EQ(run(options), 2);
  EXPECT_NE(err_.str().find("bad.cow:2:"), std::string::npos) << err_.str();
}

TEST_F(Props, FindingWritesATraceOrSaysThatThereIsNone) {
  Options options;
  options.rule = 0;
  options.out = folder_;
  EXPECT_EQ(find_trace("missed", options, out_, err_), 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "missed-5-7.cow"));
  options.rule = 3;
  options.cases = 300;
  EXPECT_EQ(find_trace("COH-2", options, out_, err_), 1);
  EXPECT_EQ(find_trace("nonsense", options, out_, err_), 2);
}

}  // namespace
}  // namespace cow::laws

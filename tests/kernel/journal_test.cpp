// What is written down before the system is changed.
#include "kernel/journal.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "kernel/put_back.h"

namespace cow::kernel {
namespace {

std::vector<std::string> changes_in(const std::string& path) {
  for (const Orphan& orphan : find_journals().orphans)
    if (orphan.path == path) return orphan.changes;
  return {};
}
bool is_orphan(const std::string& path) { return !changes_in(path).empty(); }

TEST(Journal, IsAnOrphanOnlyOnceItsProcessIsGone) {
  int said[2], go[2];
  ASSERT_EQ(pipe(said), 0);
  ASSERT_EQ(pipe(go), 0);
  const pid_t child = fork();
  if (child == 0) {
    Journal journal;
    journal.add("a change");
    journal.add("another");
    char wait = 0;
    if (write(said[1], "x", 1) != 1 || read(go[0], &wait, 1) != 1) _exit(1);
    _exit(0);  // without a word
  }
  const std::string path = temporary_folder() + "/cow-kernel-" + std::to_string(child) + ".journal";
  char ready = 0;
  ASSERT_EQ(read(said[0], &ready, 1), 1);
  EXPECT_FALSE(is_orphan(path));
  ASSERT_EQ(write(go[1], "x", 1), 1);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(changes_in(path), (std::vector<std::string>{"a change", "another"}));
  std::filesystem::permissions(path, std::filesystem::perms::group_write,
                               std::filesystem::perm_options::add);
  EXPECT_FALSE(is_orphan(path)) << "others can have written it";
  std::filesystem::remove(path);
  for (const int fd : {said[0], said[1], go[0], go[1]}) close(fd);
}

TEST(Journal, GoesWithItsRunUnlessSomethingIsLeft) {
  std::string path;
  {
    Journal journal;
    path = journal.path();
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  {
    Journal journal;
    journal.keep();
  }
  EXPECT_TRUE(std::filesystem::remove(path));
}

TEST(Change, IsReadAsItIsWritten) {
  for (const Change& change : {Change{Change::Sort::tracefs_instance, "cow-12", ""},
                               Change{Change::Sort::setting, "ksm/run", "0"},
                               Change{Change::Sort::swap, "cow-kernel-12.swap", ""}}) {
    const auto again = parse_change(print(change));
    ASSERT_TRUE(again) << print(change);
    EXPECT_EQ(print(*again), print(change));
  }
}

TEST(Change, NamesNothingButWhatThisProgramMakes) {
  for (const char* line :
       {"", "file x", "tracefs-instance ../x", "tracefs-instance cow-",
        "tracefs-instance cow-1/../x", "tracefs-instance cow-1 x", "setting ksm/run",
        "setting ksm/run x", "setting ksm/runs 1", "setting ../ksm/run 1", "setting ksm/run 1 2",
        "swap x", "swap cow-kernel-1/../x.swap", "swap cow-kernel-.swap",
        "swap cow-kernel-1.swap 1"})
    EXPECT_FALSE(parse_change(line)) << line;
}

TEST(Change, ThatWasNeverMadeIsUndone) {
  EXPECT_EQ(undo({Change::Sort::swap, "cow-kernel-999999999.swap", ""}), "");
}

// What is written down is there before the change, and gone after it.
TEST(PutBack, IsWrittenDownForAsLongAsItLasts) {
  const std::string path =
      temporary_folder() + "/cow-kernel-" + std::to_string(getpid()) + ".journal";
  {
    const PutBack first({Change::Sort::swap, "cow-kernel-999999998.swap", ""});
    const PutBack second({Change::Sort::swap, "cow-kernel-999999999.swap", ""});
    EXPECT_EQ(changes_of_this_run(), (std::vector<std::string>{"swap cow-kernel-999999998.swap",
                                                               "swap cow-kernel-999999999.swap"}));
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_TRUE(changes_of_this_run().empty());
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace cow::kernel

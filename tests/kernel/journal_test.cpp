// What is written down before the system is changed.
#include "kernel/journal.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "kernel/tracefs.h"

namespace cow::kernel {
namespace {

bool is_orphan(const std::string& path) {
  const auto all = find_orphans();
  return std::any_of(all.begin(), all.end(), [&](const Orphan& o) { return o.path == path; });
}

TEST(Journal, IsAnOrphanOnlyOnceItsProcessIsGone) {
  int said[2], go[2];
  ASSERT_EQ(pipe(said), 0);
  ASSERT_EQ(pipe(go), 0);
  const pid_t child = fork();
  if (child == 0) {
    const Journal journal("a change");
    char wait = 0;
    if (write(said[1], "x", 1) != 1 || read(go[0], &wait, 1) != 1) _exit(1);
    _exit(0);
  }
  const std::string path = temporary_folder() + "/cow-kernel-" + std::to_string(child) + ".journal";
  char ready = 0;
  ASSERT_EQ(read(said[0], &ready, 1), 1);
  EXPECT_FALSE(is_orphan(path));
  ASSERT_EQ(write(go[1], "x", 1), 1);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(is_orphan(path));
  std::filesystem::permissions(path, std::filesystem::perms::group_write,
                               std::filesystem::perm_options::add);
  EXPECT_FALSE(is_orphan(path)) << "others can have written it";
  std::filesystem::remove(path);
  for (const int fd : {said[0], said[1], go[0], go[1]}) close(fd);
}

TEST(Journal, NamesNothingButWhatThisProgramMakes) {
  EXPECT_EQ(undo(""), "");
  EXPECT_NE(undo("tracefs-instance ../x"), "");
  EXPECT_NE(undo("tracefs-instance cow-"), "");
  EXPECT_NE(undo("tracefs-instance cow-1/../x"), "");
  EXPECT_NE(undo("file x"), "");
}

}  // namespace
}  // namespace cow::kernel

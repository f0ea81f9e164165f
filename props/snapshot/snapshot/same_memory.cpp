#include "snapshot/same_memory.h"

#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace cow::snapshot {

bool share_memory(int pid, int other) {
  if (pid == other) return true;
  const long compared = syscall(SYS_kcmp, pid, other, KCMP_VM, 0, 0);
  if (compared >= 0) return compared == 0;
  // A kernel without kcmp still lists threads.
  std::error_code ignored;
  const std::string task = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(other);
  return std::filesystem::exists(task, ignored);
}

}  // namespace cow::snapshot

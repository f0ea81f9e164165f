#include "kernel/tracefs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace cow::kernel {
namespace {

constexpr const char* kInstances = "instances/";

// A mount that no folder shows and that goes with its last descriptor.
int mount_unseen() {
  const long context = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  long mount = syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
  if (mount == 0) mount = syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
  const int error = errno;
  close(static_cast<int>(context));
  errno = error;
  return static_cast<int>(mount);
}

int tracefs_or_throw() {
  const int fd = open_tracefs();
  if (fd < 0) throw NoTracing(std::string("tracefs cannot be had: ") + std::strerror(errno));
  return fd;
}

// For the signal handler too: while it is open, the instance cannot be removed.
volatile std::sig_atomic_t stream = -1;
void close_now() {
  if (stream >= 0) close(stream);
  stream = -1;
}

}  // namespace

int open_tracefs() {
  constexpr const char* kUsual = "/sys/kernel/tracing";
  struct statfs about {};
  if (statfs(kUsual, &about) == 0 && about.f_type == TRACEFS_MAGIC)
    return open(kUsual, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return mount_unseen();
}

TraceInstance::TraceInstance()
    : tracefs_(tracefs_or_throw()), name_("cow-" + std::to_string(getpid())) {
  const SignalsWait wait;
  std::string why;
  try {
    put_back_.emplace(Change{Change::Sort::tracefs_instance, name_, ""}, close_now);
    if (mkdirat(tracefs_, (kInstances + name_).c_str(), 0700) == 0) return;
    why = std::strerror(errno);
    put_back_.reset();
  } catch (const NoChange& e) {
    why = e.what();
  }
  close(tracefs_);
  throw NoTracing("no tracefs instance can be made: " + why);
}

TraceInstance::~TraceInstance() {
  put_back_.reset();
  close(tracefs_);
}

void TraceInstance::write(const std::string& file, std::string_view text) const {
  const SignalsWait wait;  // the descriptor would keep the instance from being removed
  const std::string path = kInstances + name_ + "/" + file;
  const int fd = openat(tracefs_, path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  const bool done = fd >= 0 && ::write(fd, text.data(), text.size()) >= 0;
  const std::string why = std::strerror(errno);
  if (fd >= 0) close(fd);
  if (!done) throw NoTracing("tracefs: " + file + ": " + why);
}

void TraceInstance::open_stream() {
  if (stream >= 0) return;
  const SignalsWait wait;
  const std::string path = kInstances + name_ + "/trace_pipe";
  stream = openat(tracefs_, path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

void TraceInstance::close_stream() {
  const SignalsWait wait;
  close_now();
}

bool TraceInstance::read_stream(std::string& text) const {
  static std::array<char, 1 << 16> some;
  for (;;) {
    const ssize_t got = read(stream, some.data(), some.size());
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return true;
    text.append(some.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace cow::kernel

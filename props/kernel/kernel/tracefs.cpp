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

constexpr const char* kWord = "tracefs-instance ";
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

int open_tracefs() {
  constexpr const char* kUsual = "/sys/kernel/tracing";
  struct statfs about {};
  if (statfs(kUsual, &about) == 0 && about.f_type == TRACEFS_MAGIC)
    return open(kUsual, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return mount_unseen();
}

int tracefs_or_throw() {
  const int fd = open_tracefs();
  if (fd < 0) throw NoTracing(std::string("tracefs cannot be had: ") + std::strerror(errno));
  return fd;
}

// Names that this program gives, and no others: what a journal says is not trusted with a path.
bool own_name(std::string_view name) {
  constexpr std::string_view kStart = "cow-";
  return name.starts_with(kStart) && name.size() > kStart.size() &&
         name.find_first_not_of("0123456789", kStart.size()) == std::string_view::npos;
}

// For the signal handler, which may use nothing that allocates.
struct Removal {
  pid_t owner = 0;
  int tracefs = -1;
  std::array<char, 64> instance{};
  std::array<char, 4096> journal{};
};
Removal removal;
volatile std::sig_atomic_t stream = -1;

constexpr std::array kEnding = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGABRT, SIGXCPU};

void remove_now() {
  if (stream >= 0) close(stream);
  stream = -1;
  if (unlinkat(removal.tracefs, removal.instance.data(), AT_REMOVEDIR) == 0)
    unlink(removal.journal.data());
}

// Model processes inherit it, and just die.
void on_ending(int signal) {
  if (getpid() == removal.owner) remove_now();
  std::signal(signal, SIG_DFL);
  raise(signal);
}

// A signal that is ignored stays so.
void set_handlers(void (*from)(int), void (*to)(int)) {
  for (const int signal : kEnding) {
    struct sigaction now {};
    sigaction(signal, nullptr, &now);
    if (now.sa_handler != from) continue;
    now.sa_handler = to;
    sigaction(signal, &now, nullptr);
  }
}

class SignalsWait {
 public:
  SignalsWait() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before_);
  }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;
  ~SignalsWait() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

bool copy(const std::string& from, auto& to) {
  if (from.size() >= to.size()) return false;
  std::memcpy(to.data(), from.c_str(), from.size() + 1);
  return true;
}

Journal journal_of(const std::string& instance) {
  try {
    return Journal(journal_line(instance));
  } catch (const std::runtime_error& e) {
    throw NoTracing(e.what());
  }
}

}  // namespace

std::string journal_line(const std::string& instance) { return kWord + instance; }

TraceInstance::TraceInstance()
    : TraceInstance(tracefs_or_throw(), "cow-" + std::to_string(getpid())) {}

TraceInstance::TraceInstance(int tracefs, std::string name)
    : tracefs_(tracefs), name_(std::move(name)), journal_(journal_of(name_)) {
  const SignalsWait wait;
  removal.tracefs = tracefs_;
  const bool named =
      copy(kInstances + name_, removal.instance) && copy(journal_.path(), removal.journal);
  if (!named || mkdirat(tracefs_, removal.instance.data(), 0700) != 0) {
    const std::string why =
        named ? std::strerror(errno) : "the temporary folder's name is too long";
    journal_.undone();
    close(tracefs_);
    throw NoTracing("no tracefs instance can be made: " + why);
  }
  removal.owner = getpid();
  set_handlers(SIG_DFL, on_ending);
}

TraceInstance::~TraceInstance() {
  const SignalsWait wait;
  remove_now();
  removal.owner = 0;
  set_handlers(on_ending, SIG_DFL);
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
  if (stream >= 0) close(stream);
  stream = -1;
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

std::string undo(const std::string& line) {
  const std::string word = kWord;
  if (line.empty()) return "";
  if (!line.starts_with(word) || !own_name(line.substr(word.size())))
    return "no change of this program: " + line;
  const int fd = open_tracefs();
  if (fd < 0) return std::string("tracefs cannot be had: ") + std::strerror(errno);
  const std::string path = kInstances + line.substr(word.size());
  const bool gone = unlinkat(fd, path.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT;
  const std::string why = std::strerror(errno);
  close(fd);
  return gone ? "" : line + ": " + why;
}

}  // namespace cow::kernel

#include "kernel/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace cow::kernel {
namespace {

constexpr const char* kPrefix = "cow-kernel-";
constexpr const char* kSuffix = ".journal";

// Of the process, not of the file's description: children do not inherit it.
bool lock(int fd, int how) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return fcntl(fd, how, &whole) == 0;
}

// A journal is believed only if nobody else can have written it.
bool own_file(int fd) {
  struct stat about {};
  return fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == geteuid() &&
         (about.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

void look_at(const std::string& path, Journals& found) {
  const int fd = open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return;  // its run has just ended
  if (fd < 0 || !own_file(fd)) {
    found.unbelieved.push_back(path);
  } else if (!lock(fd, F_SETLK)) {
    found.living.push_back(path);
  } else {
    std::array<char, 4096> text{};
    const ssize_t got = read(fd, text.data(), text.size());
    std::istringstream lines({text.data(), got > 0 ? static_cast<std::size_t>(got) : 0});
    Orphan& orphan = found.orphans.emplace_back(Orphan{path, {}});
    for (std::string line; std::getline(lines, line);) orphan.changes.push_back(line);
  }
  if (fd >= 0) close(fd);
}

}  // namespace

std::string temporary_folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : P_tmpdir;
}

Journal::Journal()
    : path_(temporary_folder() + "/" + kPrefix + std::to_string(getpid()) + kSuffix) {
  fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  // Another run may just be looking whose it is.
  if (fd_ < 0 || !lock(fd_, F_SETLKW)) give_up();
}

Journal::~Journal() {
  if (!kept_) unlink(path_.c_str());
  close(fd_);
}

void Journal::add(const std::string& change) {
  const std::string line = change + "\n";
  if (write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) give_up();
}

void Journal::give_up() const {
  throw std::runtime_error("the journal " + path_ + " cannot be written: " + std::strerror(errno));
}

Journals find_journals() {
  Journals found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(temporary_folder(), error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(kPrefix) && name.ends_with(kSuffix)) look_at(entry.path(), found);
  }
  if (error) found.unread = error.message();
  return found;
}

}  // namespace cow::kernel

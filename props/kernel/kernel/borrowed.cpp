#include "kernel/borrowed.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>

#include "kernel/journal.h"
#include "kernel/plan.h"

namespace cow::kernel {
namespace {

constexpr std::uint32_t kSwapPages = 2048;
constexpr unsigned kHugePages = 24;
constexpr const char* kFreeHugePages = "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages";

// The first word of a file; empty: it cannot be read.
std::string first_word(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

[[noreturn]] void refuse(const std::string& what, int error) {
  const bool right = error == EACCES || error == EPERM;
  throw NoChange(what + ": " + std::strerror(error) + (right ? "; this needs root" : ""));
}

void write_word(const std::string& path, const std::string& word) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool done =
      fd >= 0 && write(fd, word.data(), word.size()) == static_cast<ssize_t>(word.size());
  const int error = errno;
  if (fd >= 0) close(fd);
  if (!done) refuse(path, error);
}

// The first page of a swap file, as mkswap writes it.
std::array<char, kPageSize> swap_header() {
  constexpr std::string_view kMagic = "SWAPSPACE2";
  constexpr std::size_t kVersionAt = 1024;
  constexpr std::array<std::uint32_t, 3> kAbout = {1, kSwapPages - 1, 0};  // version, last, bad
  std::array<char, kPageSize> page{};
  std::memcpy(page.data() + kVersionAt, kAbout.data(), sizeof kAbout);
  std::memcpy(page.data() + kPageSize - kMagic.size(), kMagic.data(), kMagic.size());
  return page;
}

// Without holes, and readable by nobody else.
void make_swap_file(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) refuse(path, errno);
  std::array<char, kPageSize> page = swap_header();
  int error = 0;
  for (std::uint32_t i = 0; i < kSwapPages && error == 0; ++i) {
    if (write(fd, page.data(), page.size()) != static_cast<ssize_t>(page.size())) error = errno;
    page.fill(0);
  }
  if (error == 0 && fsync(fd) != 0) error = errno;
  close(fd);
  if (error != 0) refuse(path, error);
}

}  // namespace

bool ksm_runs() { return first_word(path_of_setting("ksm/run")) == "1"; }

bool has_swap() {
  std::ifstream file("/proc/swaps");
  std::string line;
  std::getline(file, line);
  return static_cast<bool>(std::getline(file, line));
}

bool has_huge_pages() {
  const std::string free = first_word(kFreeHugePages);
  return !free.empty() && free != "0";
}

OneAtATime::~OneAtATime() {
  if (fd_ >= 0) close(fd_);
}

void OneAtATime::take() {
  constexpr std::string_view kName = "cow-kernel borrows";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, kName.data(), kName.size());
  fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + kName.size());
  if (fd_ >= 0 && bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0) return;
  if (errno == EADDRINUSE)
    throw NoChange("another run has changed the system; this one can when that has ended");
  refuse("a socket", errno);
}

Borrowed::Borrowed(const Wishes& wishes) {
  if (!wishes.ksm && !wishes.swap && !wishes.hugetlb) return;
  alone_.take();
  try {
    if (wishes.ksm) run_ksm();
    if (wishes.swap) swap_on();
    if (wishes.hugetlb) set_huge_pages_aside();
  } catch (const NoChange&) {
    give_back();
    throw;
  }
}

Borrowed::~Borrowed() { give_back(); }

void Borrowed::give_back() {
  while (!changes_.empty()) changes_.pop_back();
}

void Borrowed::set(const std::string& setting, const std::string& value) {
  const std::string path = path_of_setting(setting), was = first_word(path);
  if (was.empty()) throw NoChange(path + " is not there");
  if (was == value) return;
  // Else it could not be put back either.
  if (access(path.c_str(), W_OK) != 0) refuse(path, errno);
  changes_.push_back(std::make_unique<PutBack>(Change{Change::Sort::setting, setting, was}));
  write_word(path, value);
}

void Borrowed::set_if_there(const std::string& setting, const std::string& value) {
  if (!first_word(path_of_setting(setting)).empty()) set(setting, value);
}

// Each page is looked at in each scan, without a pause.
void Borrowed::run_ksm() {
  set("ksm/sleep_millisecs", "1");
  set("ksm/pages_to_scan", "10000");
  set_if_there("ksm/smart_scan", "0");
  set("ksm/run", "1");
}

void Borrowed::swap_on() {
  const std::string name = "cow-kernel-" + std::to_string(getpid()) + ".swap";
  const std::string path = temporary_folder() + "/" + name;
  // The right is asked for before the path is looked at.
  if (swapoff("") != 0 && errno == EPERM) refuse("swap", EPERM);
  changes_.push_back(std::make_unique<PutBack>(Change{Change::Sort::swap, name, ""}));
  make_swap_file(path);
  if (swapon(path.c_str(), 0) != 0) refuse("swap in " + path, errno);
}

void Borrowed::set_huge_pages_aside() {
  const std::string was = first_word(path_of_setting("nr_hugepages"));
  if (was.empty() || was.size() > 9) throw NoChange("this kernel has no huge pages to set aside");
  set("nr_hugepages", std::to_string(std::stoul(was) + kHugePages));
  if (!has_huge_pages()) throw NoChange("no memory for huge pages");
}

}  // namespace cow::kernel

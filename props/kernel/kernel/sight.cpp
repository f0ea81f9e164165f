#include "kernel/sight.h"

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>

#include "kernel/page.h"

namespace cow::kernel {
namespace {

constexpr std::uint64_t kFrameBits = (std::uint64_t{1} << 55) - 1;
constexpr unsigned kSole = 56, kFile = 61, kPresent = 63;

bool bit(std::uint64_t word, unsigned i) { return (word >> i & 1u) != 0; }

bool read_word(int fd, std::uint64_t at, std::uint64_t& word) {
  return pread(fd, &word, sizeof word, static_cast<off_t>(at * sizeof word)) ==
         static_cast<ssize_t>(sizeof word);
}

// The entry of a page that is mapped for certain: one of this program's own.
bool own_entry(std::uint64_t& word) {
  static volatile char here = 0;
  here = 1;
  const int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool got = read_word(fd, reinterpret_cast<std::uintptr_t>(&here) / kPageSize, word);
  close(fd);
  return got && bit(word, kPresent);
}

bool readable_at(const char* path, std::uint64_t frame) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  std::uint64_t word = 0;
  const bool got = fd >= 0 && read_word(fd, frame, word) && word != 0;
  if (fd >= 0) close(fd);
  return got;
}

}  // namespace

std::string_view not_compared(Sight sight) {
  switch (sight) {
    case Sight::contents: return "entries, kinds, frames and mapcounts; which sort of fault it was";
    case Sight::bits: return "frames and mapcounts above one; a copy told from a reuse";
    case Sight::frames:
    case Sight::events: return "";
  }
  return "";
}

Probed probe_sight() {
  std::uint64_t word = 0;
  if (!own_entry(word)) return {Sight::contents, "/proc/self/pagemap shows nothing"};
  const std::uint64_t frame = word & kFrameBits;
  if (frame == 0) return {Sight::bits, "/proc/self/pagemap shows no frame numbers"};
  for (const char* path : {"/proc/kpagecount", "/proc/kpageflags"})
    if (!readable_at(path, frame)) return {Sight::bits, std::string(path) + " cannot be read"};
  return {Sight::frames, ""};
}

Kind kind_of(std::uint64_t flags) {
  if (has(flags, PageFlag::zero)) return Kind::zero;
  if (has(flags, PageFlag::anon)) return Kind::anon;
  return has(flags, PageFlag::swap_backed) ? Kind::shmem : Kind::file;
}

Window::Window(Sight sight) : sight_(sight) {
  if (!sees_frames(sight_)) return;
  counts_ = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
  flags_ = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
  if (sight_ == Sight::events) events_ = std::make_unique<Events>();
}

Window::~Window() {
  for (const int fd : {counts_, flags_})
    if (fd >= 0) close(fd);
}

int Window::open_pagemap(pid_t pid) const {
  if (sight_ == Sight::contents) return -1;
  const std::string path = "/proc/" + std::to_string(pid) + "/pagemap";
  return open(path.c_str(), O_RDONLY | O_CLOEXEC);
}

bool Window::look(int pagemap, std::uint64_t address, std::size_t count, std::vector<Entry>& out) {
  raw_.assign(count, 0);
  out.assign(count, Entry{});
  if (sight_ == Sight::contents) return true;
  const std::size_t size = count * sizeof raw_[0];
  const auto at = static_cast<off_t>(address / kPageSize * sizeof raw_[0]);
  if (pread(pagemap, raw_.data(), size, at) != static_cast<ssize_t>(size)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!bit(raw_[i], kPresent)) continue;
    out[i] = {true, bit(raw_[i], kFile), bit(raw_[i], kSole),
              sees_frames(sight_) ? raw_[i] & kFrameBits : 0};
  }
  return true;
}

std::uint64_t Window::mapcount(std::uint64_t frame) const {
  std::uint64_t word = 0;
  if (!read_word(counts_, frame, word)) throw std::runtime_error("a mapcount cannot be read");
  return word;
}

std::uint64_t Window::flags(std::uint64_t frame) const {
  std::uint64_t word = 0;
  if (!read_word(flags_, frame, word)) throw std::runtime_error("page flags cannot be read");
  return word;
}

}  // namespace cow::kernel

#include "kernel/change.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "kernel/journal.h"
#include "kernel/tracefs.h"

namespace cow::kernel {
namespace {

struct Setting {
  std::string_view name;
  const char* path;
};
constexpr std::array kSettings = {
    Setting{"ksm/run", "/sys/kernel/mm/ksm/run"},
    Setting{"ksm/sleep_millisecs", "/sys/kernel/mm/ksm/sleep_millisecs"},
    Setting{"ksm/pages_to_scan", "/sys/kernel/mm/ksm/pages_to_scan"},
    Setting{"ksm/smart_scan", "/sys/kernel/mm/ksm/smart_scan"},
    Setting{"nr_hugepages", "/proc/sys/vm/nr_hugepages"}};

constexpr std::array<std::string_view, 3> kWords = {"tracefs-instance", "setting", "swap"};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}
// `before`, a number, `after`.
bool is_numbered(std::string_view name, std::string_view before, std::string_view after) {
  if (name.size() <= before.size() + after.size()) return false;
  if (!name.starts_with(before) || !name.ends_with(after)) return false;
  return is_number(name.substr(before.size(), name.size() - before.size() - after.size()));
}

bool copy(std::string_view from, char* to, std::size_t size) {
  if (from.size() >= size) return false;
  std::memcpy(to, from.data(), from.size());
  to[from.size()] = '\0';
  return true;
}

int remove_instance(const char* path) {
  const int tracefs = open_tracefs();
  if (tracefs < 0) return errno;
  const int error = unlinkat(tracefs, path, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : errno;
  close(tracefs);
  return error;
}

int write_back(const char* path, const char* value) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const auto size = static_cast<ssize_t>(std::strlen(value));
  const int error = write(fd, value, static_cast<std::size_t>(size)) == size ? 0 : errno;
  close(fd);
  return error;
}

// EINVAL: it was not in use yet. Of a name that leads elsewhere, or to another's file, nothing is
// taken away: anybody may write in a temporary folder.
int take_swap_away(const char* path) {
  struct stat about {};
  if (lstat(path, &about) != 0) return errno == ENOENT ? 0 : errno;
  if (!S_ISREG(about.st_mode) || about.st_uid != geteuid()) return EEXIST;
  if (swapoff(path) != 0 && errno != EINVAL && errno != ENOENT) return errno;
  return unlink(path) == 0 || errno == ENOENT ? 0 : errno;
}

}  // namespace

const char* path_of_setting(std::string_view name) {
  const auto* at = std::find_if(kSettings.begin(), kSettings.end(),
                                [&](const Setting& s) { return s.name == name; });
  return at == kSettings.end() ? nullptr : at->path;
}

std::string print(const Change& change) {
  std::string line(kWords[static_cast<std::size_t>(change.sort)]);
  line += " " + change.name;
  return change.value.empty() ? line : line + " " + change.value;
}

std::optional<Change> parse_change(std::string_view line) {
  const auto word = [&] {
    const std::size_t end = std::min(line.find(' '), line.size());
    std::string first(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
    return first;
  };
  const auto* sort = std::find(kWords.begin(), kWords.end(), word());
  if (sort == kWords.end()) return std::nullopt;
  Change change{static_cast<Change::Sort>(sort - kWords.begin()), word(), word()};
  bool known = line.empty();
  switch (change.sort) {
    case Change::Sort::tracefs_instance:
      known = known && change.value.empty() && is_numbered(change.name, "cow-", "");
      break;
    case Change::Sort::setting:
      known = known && path_of_setting(change.name) != nullptr && is_number(change.value);
      break;
    case Change::Sort::swap:
      known = known && change.value.empty() && is_numbered(change.name, "cow-kernel-", ".swap");
  }
  return known ? std::optional(change) : std::nullopt;
}

bool prepare(const Change& change, Undoing& undoing) {
  undoing.sort = change.sort;
  std::string path;
  switch (change.sort) {
    case Change::Sort::tracefs_instance: path = "instances/" + change.name; break;
    case Change::Sort::setting: path = path_of_setting(change.name); break;
    case Change::Sort::swap: path = temporary_folder() + "/" + change.name;
  }
  return copy(path, undoing.path, sizeof undoing.path) &&
         copy(change.value, undoing.value, sizeof undoing.value);
}

int undo_now(const Undoing& undoing) {
  if (undoing.first != nullptr) undoing.first();
  switch (undoing.sort) {
    case Change::Sort::tracefs_instance: return remove_instance(undoing.path);
    case Change::Sort::setting: return write_back(undoing.path, undoing.value);
    case Change::Sort::swap: return take_swap_away(undoing.path);
  }
  return 0;
}

std::string undo(const Change& change) {
  Undoing undoing;
  if (!prepare(change, undoing)) return "the temporary folder's name is too long";
  const int error = undo_now(undoing);
  return error == 0 ? "" : std::strerror(error);
}

}  // namespace cow::kernel

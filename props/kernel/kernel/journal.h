// What this program is about to change on the system, written down before, so that it can be put
// back by another run if this one is killed.
#pragma once

#include <string>
#include <vector>

namespace cow::kernel {

// A file of the temporary folder, locked for as long as its process lives.
class Journal {
 public:
  // One line that names the change. Throws std::runtime_error where it cannot be written.
  explicit Journal(const std::string& change);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();  // the file stays until the change is undone

  void undone() const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  int fd_ = -1;
};

std::string temporary_folder();

// A journal whose process is gone.
struct Orphan {
  std::string path;
  std::string change;
};
// Of this user, in the temporary folder.
std::vector<Orphan> find_orphans();

}  // namespace cow::kernel

// What this program is about to change on the system, written down before, so that it can be put
// back by another run if this one is killed.
#pragma once

#include <string>
#include <vector>

namespace cow::kernel {

// A file of the temporary folder, locked for as long as its process lives.
class Journal {
 public:
  Journal();  // empty; throws std::runtime_error where it cannot be made, as add() does
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();  // the file goes, unless it is kept

  void add(const std::string& change);  // a line
  void keep() { kept_ = true; }         // something could not be put back
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  [[noreturn]] void give_up() const;

  std::string path_;
  int fd_ = -1;
  bool kept_ = false;
};

std::string temporary_folder();

// A journal whose process is gone.
struct Orphan {
  std::string path;
  std::vector<std::string> changes;  // in the order in which they were made
};
struct Journals {
  std::vector<Orphan> orphans;
  std::vector<std::string> living;      // of runs that go on
  std::vector<std::string> unbelieved;  // another user's, or ones that others could have written
  std::string unread;                   // why the folder cannot be read; empty: it was
};
// All in the temporary folder.
Journals find_journals();

}  // namespace cow::kernel

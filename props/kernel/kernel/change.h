// A change that this program makes on the system, and how it is undone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cow::kernel {

struct Change {
  enum class Sort {
    tracefs_instance,  // a folder of tracefs: `name`, as cow-123
    setting,           // a number of the kernel's: `name`, as ksm/run; what it was: `value`
    swap               // a swap file of the temporary folder: `name`, as cow-kernel-123.swap
  } sort{};
  std::string name, value;
};

// A line of the journal, as `setting ksm/run 0`.
std::string print(const Change& change);
// Nothing: no change of this program. What a journal says is not trusted with a path.
std::optional<Change> parse_change(std::string_view line);

// Where a setting stands; null: it is none that this program changes.
const char* path_of_setting(std::string_view name);

// All that undoing needs, ready for a signal handler, which may use nothing that allocates.
struct Undoing {
  Change::Sort sort{};
  char path[4096]{};
  char value[24]{};
  // Takes away what would be in the way.
  void (*first)() = nullptr;
};
// False: a path is too long.
bool prepare(const Change& change, Undoing& undoing);
// 0: it is undone, or was never done; else errno. Calls nothing but the kernel.
int undo_now(const Undoing& undoing);

// Empty: it is done; else why not.
std::string undo(const Change& change);

}  // namespace cow::kernel

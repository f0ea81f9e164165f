#include "kernel/replayable.h"

#include <set>
#include <utility>

#include "kernel/beyond.h"

namespace cow::kernel {
namespace {

constexpr std::uint32_t kLargestFile = 65'536;  // pages
constexpr std::uint32_t kMostLocked = 65'536;   // pages, which get memory all at once

class Hindrances {
 public:
  explicit Hindrances(const Facilities& facilities) : facilities_(facilities) {}

  const char* of(const Step& s) {
    if (!word_beyond(s).empty()) return "what the kernel makes of it is compared by contents only";
    switch (s.op) {
      case Op::sys_ref:
      case Op::sys_unref: return "sys ref: no user process can cause it";
      case Op::sys_fail_alloc:
      case Op::sys_fail_table: return "sys fail: no user process can cause it";
      case Op::sys_clear_refs:
        return facilities_.soft_dirty ? nullptr : "sys clear-refs: this kernel has no soft-dirty";
      case Op::map: return of_map(s);
      case Op::remap: return of_remap(s);
      case Op::lock:
        return s.last - s.first >= kMostLocked ? "lock: too many pages to be filled" : nullptr;
      case Op::pin: return of_pin(s);
      default: return nullptr;
    }
  }

 private:
  const char* of_map(const Step& s) {
    if (s.backing != Backing::file) return nullptr;
    if (s.share != Share::shared) {
      private_files_.insert(index(s.region));
      return nullptr;
    }
    shared_files_.insert(index(s.region));
    return facilities_.disk ? nullptr : "map file shared: temporary files are not on a disk";
  }
  const char* of_remap(const Step& s) {
    for (std::set<std::uint32_t>* files : {&private_files_, &shared_files_})
      if (files->count(index(s.region)) != 0) files->insert(index(s.to));
    return nullptr;
  }
  // A `ro get` is vmsplice; a `rw pin` is a fixed buffer of io_uring, which is long-term.
  const char* of_pin(const Step& s) const {
    const bool rw = s.prot == Prot::rw;
    if (!rw && s.foll_pin) return "pin ro: no user process can take one";
    if (rw && !s.foll_pin) return "pin rw get: no user process can take one";
    if (!rw) return s.longterm ? "pin ro get long: no user process can take one" : nullptr;
    if (!facilities_.io_uring) return "pin rw: io_uring is not to be had";
    if (shared_files_.count(index(s.region)) != 0)
      return "pin rw of a shared file: io_uring refuses it";
    if (!facilities_.file_pins && private_files_.count(index(s.region)) != 0)
      return "pin rw of a private file: this kernel's io_uring refuses it";
    return nullptr;
  }

  const Facilities& facilities_;
  std::set<std::uint32_t> shared_files_, private_files_;  // regions that show one, in some process
};

}  // namespace

std::optional<Hindrance> find_hindrance(const Setup& setup, const std::vector<Step>& steps,
                                        const Facilities& facilities) {
  if (setup.frames != kEnoughFrames)
    return Hindrance{steps.size(), "frames: no user process can limit them"};
  for (const FileSetup& file : setup.files)
    if (file.pages > kLargestFile) return Hindrance{steps.size(), "file: too large to be made"};
  Hindrances hindrances(facilities);
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (const char* reason = hindrances.of(steps[i])) return Hindrance{i, reason};
  return std::nullopt;
}

}  // namespace cow::kernel

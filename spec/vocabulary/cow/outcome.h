// What a step came to. A step is never "not allowed": it works, or it is refused with a reason.
#pragma once

#include <cstdint>

namespace cow {

// ok       any step that worked and is not an access
// hit      the page table already allowed the access
// zero     a read fault mapped the zero page
// fresh    a write fault on empty private anonymous memory: a new zeroed page
// filled   a read fault mapped a page-cache or shmem page
// copied   copy-on-write: a new private page took the place of what was, or would have been, mapped
// reused   a write fault kept the present page, private mapping
// enabled  a write fault made the present page writable, shared mapping
// swapped  swap-in
// uffd     delivered to userspace, nothing changed
// From uffd on the step was not carried out: no contents, mapping, reference or count changes
// but what ERR-4 names.
// As a list:
// clang-format off
enum class Outcome : std::uint8_t {
  ok, hit, zero, fresh, filled, copied, reused, enabled, swapped, uffd,
  segv, sigbus, oom, nosuch, inval, busy
};
// clang-format on

constexpr bool refused(Outcome o) { return o >= Outcome::uffd; }

// The outcome of a step, and the byte that a read has seen.
struct Result {
  Outcome outcome = Outcome::ok;
  bool has_value = false;
  std::uint8_t value = 0;
  bool operator==(const Result&) const = default;
};

}  // namespace cow

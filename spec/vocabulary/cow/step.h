// The steps that every machine takes, as plain data.
#pragma once

#include <cstdint>
#include <vector>

#include "cow/ids.h"

namespace cow {

// As a list:
// clang-format off
enum class Op : std::uint8_t {
  map, unmap, protect, advise, remap, lock, unlock, uffd_wp, fork, exit,
  read, write, force_read, force_write,
  pin, ref_read, ref_write, unpin,
  sys_ref, sys_unref, sys_swapout, sys_migrate, sys_ksm,
  sys_clear_refs, sys_fail_alloc, sys_fail_table
};
// clang-format on

enum class Prot : std::uint8_t { none, ro, rw };
enum class Backing : std::uint8_t { anon, file };
enum class Share : std::uint8_t { private_, shared };
// clang-format off
enum class Advice : std::uint8_t {
  dontneed, pageout, dontfork, dofork, wipeonfork, keeponfork, mergeable, unmergeable,
  hugepage, nohugepage, free, collapse
};
// clang-format on

// One step. Fields that an operation does not name are left at their defaults.
struct Step {
  Op op = Op::read;
  Pid process{};                      // who acts, or whose page in sys_…
  Pid child{};                        // fork: the child; sys_ksm: whose the other page is
  std::uint32_t thread = 0;           // which of the process's threads, and on which CPU
  Region region{};                    // every step on a place
  Region to{};                        // remap: what the pages become; sys_ksm: the other page's
  std::uint32_t first = 0, last = 0;  // the pages of a range, both included; equal for one page
  std::uint8_t cell = 0, value = 0;   // accesses: 0 .. kCells - 1; writes: the byte
  Ref ref{};                          // pin, unpin, accesses through a reference
  Prot prot = Prot::rw;               // map, protect; pin: rw asks for a writable reference
  Backing backing = Backing::anon;    // map
  Share share = Share::private_;      // map
  File file{};                        // map of a file
  // map of a file: the file page that the region's page 0 shows; sys_ksm: the other page's index
  std::uint32_t at = 0;
  std::uint32_t count = 0;  // map: pages, 1 .. kMaxPages; sys_fail_*: the N-th from here, from 1
  Advice advice = Advice::dontneed;
  bool foll_pin = true;                 // pin: FOLL_PIN, else FOLL_GET
  bool longterm = false, fast = false;  // pin: FOLL_LONGTERM; try the lockless path first
  // on, of uffd_wp: protects, else lifts the protection; huge, of map: as if advised hugepage;
  // hugetlb, of map: MAP_HUGETLB
  bool on = true, huge = false, hugetlb = false;
  bool operator==(const Step&) const = default;
};

// What stands before the first step.
struct FileSetup {
  std::uint32_t pages = 1;
  std::uint8_t value = 0;  // each page's cells hold it
  bool operator==(const FileSetup&) const = default;
};
inline constexpr std::uint32_t kEnoughFrames = 0xffffffff;
struct Setup {
  std::vector<FileSetup> files;
  // Data pages: anonymous, and page cache and shmem once touched.
  std::uint32_t frames = kEnoughFrames;
  bool operator==(const Setup&) const = default;
};

}  // namespace cow

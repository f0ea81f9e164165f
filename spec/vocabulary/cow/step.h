// The steps that every machine takes, as plain data.
#pragma once

#include <cstdint>
#include <vector>

#include "cow/ids.h"

namespace cow {

// As a list:
// clang-format off
enum class Op : std::uint8_t {
  map, unmap, protect, advise, fork, exit, read, write, force_read, force_write,
  pin, ref_read, ref_write, unpin,
  sys_ref, sys_unref, sys_clear_refs, sys_fail_alloc, sys_fail_table
};
// clang-format on

enum class Prot : std::uint8_t { none, ro, rw };
enum class Backing : std::uint8_t { anon, file };
enum class Share : std::uint8_t { private_, shared };
enum class Advice : std::uint8_t { dontneed, dontfork, dofork, wipeonfork, keeponfork };

// One step. Fields that an operation does not name are left at their defaults.
struct Step {
  Op op = Op::read;
  Pid process{};            // who acts; the owner of the page in sys_ref, sys_unref, sys_clear_refs
  Pid child{};              // fork
  Region region{};          // every step on a place
  std::uint32_t first = 0;  // the page, or the first page of a range
  std::uint32_t last = 0;   // the last page of a range, included; equal to first for one page
  std::uint8_t cell = 0;    // accesses: 0 .. kCells - 1
  std::uint8_t value = 0;   // writes
  Ref ref{};                // pin, unpin, accesses through a reference
  Prot prot =
      Prot::rw;  // map, protect; pin: rw asks for a writable reference, ro for a read-only one
  Backing backing = Backing::anon;  // map
  Share share = Share::private_;    // map
  File file{};                      // map of a file
  std::uint32_t at = 0;             // map of a file: the file page that the region's page 0 shows
  std::uint32_t count = 0;  // map: pages, 1 .. kMaxPages; sys_fail_*: the N-th from here, from 1
  Advice advice = Advice::dontneed;
  bool foll_pin = true;   // pin: FOLL_PIN, else FOLL_GET
  bool longterm = false;  // pin: FOLL_LONGTERM
  bool fast = false;      // pin: try the lockless path first
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
  std::uint32_t frames =
      kEnoughFrames;  // data pages: anonymous, and page cache and shmem once touched
  bool operator==(const Setup&) const = default;
};

}  // namespace cow

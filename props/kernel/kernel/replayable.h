// Which steps a user process can bring about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cow/step.h"

namespace cow::kernel {

// What this machine has, besides memory.
struct Facilities {
  bool io_uring = false;    // fixed buffers: long-term pins
  bool soft_dirty = false;  // clear_refs makes entries read-only
  bool file_pins = false;   // and they take pages of private file mappings
  bool disk = false;        // temporary files lie on a disk file system
  bool uffd_wp = false;     // userfaultfd, with write protection
  bool ksm = false;         // it runs
  bool swap = false;        // some is there
  bool huge_pages = false;  // some are set aside
};

// The first thing of a trace that cannot be replayed, and where.
struct Hindrance {
  std::size_t step = 0;  // its index; the number of steps: it is the setup
  std::string reason;
};

std::optional<Hindrance> find_hindrance(const Setup& setup, const std::vector<Step>& steps,
                                        const Facilities& facilities);

}  // namespace cow::kernel

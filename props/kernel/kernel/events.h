// What the kernel's tracepoints say of an access: its page faults, and the pages that it allocated.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/tracefs.h"

namespace cow::kernel {

struct Happened {
  std::uint32_t faults = 0;     // exceptions of the program; an access by force takes none
  std::uint32_t allocated = 0;  // pages for data; those for tables and for the kernel do not count
  std::uint64_t frame = 0, frames = 0;  // the last of these: where it begins, and how long it is
  bool lost = false;                    // the kernel dropped events
};

// Of what one process did to the page at an address, in the text of a trace.
Happened happened(std::string_view text, pid_t pid, std::uint64_t address);

class Events {
 public:
  Events();  // throws NoTracing

  // What came before is not asked for.
  void forget();
  // Since then. What cannot be read is lost.
  Happened since(pid_t pid, std::uint64_t address);
  // Between two traces; processes may be started.
  void pause() { instance_.close_stream(); }

 private:
  TraceInstance instance_;
  std::string text_;
};

}  // namespace cow::kernel

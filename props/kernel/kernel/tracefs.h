// A private instance of tracefs: buffers and switches that no other tracing on the system sees.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "kernel/put_back.h"

namespace cow::kernel {

// Tracing cannot be had here, and why.
struct NoTracing : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Of tracefs itself, where it is mounted or where no folder shows it; -1: errno says why. Calls
// nothing but the kernel.
int open_tracefs();

// Removed on every way out.
class TraceInstance {
 public:
  TraceInstance();  // throws NoTracing
  TraceInstance(const TraceInstance&) = delete;
  TraceInstance& operator=(const TraceInstance&) = delete;
  ~TraceInstance();

  // Throws NoTracing where the file is not there or refuses it.
  void write(const std::string& file, std::string_view text) const;
  // What was traced is read, and gone, by one who has the stream open. While it is, no process may
  // be started, since it would keep the instance from being removed.
  void open_stream();
  void close_stream();
  // Adds what is there; false: the stream cannot be read.
  bool read_stream(std::string& text) const;

 private:
  int tracefs_;
  std::string name_;
  std::optional<PutBack> put_back_;
};

}  // namespace cow::kernel

// A private instance of tracefs: buffers and switches that no other tracing on the system sees.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "kernel/journal.h"

namespace cow::kernel {

// Tracing cannot be had here, and why.
struct NoTracing : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Removed on every way out but SIGKILL; then remove_instance() does it for another run.
class TraceInstance {
 public:
  TraceInstance();  // throws NoTracing
  TraceInstance(const TraceInstance&) = delete;
  TraceInstance& operator=(const TraceInstance&) = delete;
  ~TraceInstance();

  [[nodiscard]] const std::string& name() const { return name_; }
  // Throws NoTracing where the file is not there or refuses it.
  void write(const std::string& file, std::string_view text) const;
  // What was traced is read, and gone, by one who has the stream open. While it is, no process may
  // be started, since it would keep the instance from being removed.
  void open_stream();
  void close_stream();
  // Adds what is there; false: the stream cannot be read.
  bool read_stream(std::string& text) const;

 private:
  TraceInstance(int tracefs, std::string name);

  int tracefs_;
  std::string name_;
  Journal journal_;
};

// The line of a journal that names such an instance.
std::string journal_line(const std::string& instance);
// Undoes what a line of a journal names. Empty: it is done, or was never there; else why not.
std::string undo(const std::string& line);

}  // namespace cow::kernel

// What this run changes on the system is put back on every way out, signals included; what SIGKILL
// leaves stands in the journal, for `cow kernel --restore`.
#pragma once

#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernel/change.h"

namespace cow::kernel {

// The system cannot be changed as asked for, and why.
struct NoChange : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Made before the change itself; the latest goes first. One thread of a process makes them.
class PutBack {
 public:
  // `first` is called before it is undone, perhaps by a signal handler. Throws NoChange.
  explicit PutBack(const Change& change, void (*first)() = nullptr);
  PutBack(const PutBack&) = delete;
  PutBack& operator=(const PutBack&) = delete;
  ~PutBack();

  static constexpr std::size_t kMost = 16;  // at a time
};

// Those that are not put back yet, as a journal names them.
std::vector<std::string> changes_of_this_run();

// No signal is handled while one of these lives.
class SignalsWait {
 public:
  SignalsWait();
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;
  ~SignalsWait();

 private:
  sigset_t before_{};
};

}  // namespace cow::kernel

// The parts of `cow kernel`.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kernel/borrowed.h"
#include "kernel/random_runs.h"
#include "kernel/replay.h"
#include "program/inputs.h"

namespace cow::program {

struct KernelOptions {
  std::vector<std::string> files;
  std::string rule, sight;
  kernel::RandomOptions random;
  bool is_random = false, record = false, json = false, tap = false, row = false, events = false,
       restore = false;
  kernel::Wishes wishes;
  unsigned limit = 10;  // seconds
};

struct KernelRun {
  const KernelOptions& options;
  kernel::Machine& machine;
  std::size_t rule;
  std::string release;
};

// Kernel, rule set, level of sight, and what is not compared at that level; what was changed.
std::vector<std::string> describe(const KernelRun& run);

// 6.18.44; all that uname says where that alone tells which release it is.
std::string kernel_name(const KernelRun& run);

int kernel_files(const KernelRun& run, const std::vector<Input>& inputs);
int kernel_record(const KernelRun& run, const std::vector<Input>& inputs);
int kernel_random(const KernelRun& run);
// Puts back what killed runs have left changed.
int kernel_restore();

}  // namespace cow::program

// What a run changes on the system, as it was asked to: KSM runs, swap is there, huge pages are set
// aside.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernel/put_back.h"

namespace cow::kernel {

struct Wishes {
  bool ksm = false, swap = false, hugetlb = false;
};

// One run of the whole system borrows at a time: what another one has changed would be taken for
// what was there before. A name of the abstract socket space, which ends with its process.
class OneAtATime {
 public:
  OneAtATime() = default;
  OneAtATime(const OneAtATime&) = delete;
  OneAtATime& operator=(const OneAtATime&) = delete;
  ~OneAtATime();
  void take();  // throws NoChange

 private:
  int fd_ = -1;
};

// Put back on every way out.
class Borrowed {
 public:
  explicit Borrowed(const Wishes& wishes);  // throws NoChange
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed();

 private:
  void set(const std::string& setting, const std::string& value);
  void set_if_there(const std::string& setting, const std::string& value);
  void run_ksm();
  void swap_on();
  void set_huge_pages_aside();
  void give_back();

  OneAtATime alone_;
  std::vector<std::unique_ptr<PutBack>> changes_;
};

// What is there now, whoever brought it.
bool ksm_runs();
bool has_swap();
bool has_huge_pages();

}  // namespace cow::kernel

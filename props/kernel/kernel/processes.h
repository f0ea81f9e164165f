// The model processes of one trace, as the controller holds them.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "cow/ids.h"
#include "kernel/mailbox.h"

namespace cow::kernel {

// A process did not do what every process can: it hangs, was killed, or could not be made.
struct Lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// All run on one CPU, the one that the first of them was made on.
void stay_on_one_cpu();

class Processes {
 public:
  // For `names` processes; an order that takes longer than `limit` is given up.
  Processes(std::uint32_t names, std::chrono::milliseconds limit);
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;
  ~Processes();

  void start();  // the first one; Lost if it cannot be had
  // The answer to an order. REQUIRES: p lives.
  const Answer& ask(Pid p, const Order& order);
  // Whether it worked; errno of clone stands in the parent's answer if not.
  bool fork(Pid parent, Pid child);
  void exit(Pid p);  // and waits until the address space is gone
  // Whether one has died that was not told to: what is then seen of the others says nothing.
  [[nodiscard]] bool lost_one() const;
  void end_all();  // as a trace ends: whoever lives is killed

  [[nodiscard]] bool alive(Pid p) const { return index(p) < pids_.size() && pids_[index(p)] > 0; }
  [[nodiscard]] pid_t pid(Pid p) const { return pids_[index(p)]; }

 private:
  void wait_for_answer(Pid p);
  void reap(Pid p);

  std::vector<pid_t> pids_;  // 0: dead or not yet born
  Mailbox* boxes_;
  std::chrono::milliseconds limit_;
};

}  // namespace cow::kernel

#include "kernel/mailbox.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

namespace cow::kernel {

void post(Mailbox& box, Turn turn) {
  box.turn.store(turn, std::memory_order_release);
  syscall(SYS_futex, &box.turn, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

bool await(Mailbox& box, Turn turn, const std::timespec* wait) {
  std::uint32_t now = box.turn.load(std::memory_order_acquire);
  if (now == turn) return true;
  syscall(SYS_futex, &box.turn, FUTEX_WAIT, now, wait, nullptr, 0);
  return box.turn.load(std::memory_order_acquire) == turn;
}

}  // namespace cow::kernel

// What the controller asks of a model process, and what it hears back: shared memory and a futex.
//
// Orders are plain system calls and accesses. Which step of a trace needs which is the controller's
// business, so that a process runs next to no code of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>

namespace cow::kernel {

enum class Task : std::uint32_t {
  map,        // mmap at address; fails where something is mapped already
  probe,      // whether any page of the range is mapped: value 1 or 0
  covered,    // whether every page of the range is mapped: value 1 or 0
  unmap,      // munmap
  protect,    // mprotect to prot
  advise,     // madvise with flags
  remap,      // mremap of one area, or a part of it, to the address in offset
  lock,       // mlock
  unlock,     // munlock
  uffd_wp,    // write protection by userfaultfd: on where `value` is 1, else off
  fork,       // the new process serves the mailbox `child`; pid is its number
  exit,       // _exit: no answer
  read,       // one byte, with the faults that it took
  write,      // the same
  mem_read,   // the same through /proc/self/mem
  mem_write,  // the same
  peek,       // bytes 0, 1024, 2048, 3072 of `length` pages, at most kPeekPages
  vmsplice,   // the page at address into the pipe fd
  pin_fixed,  // the page at address becomes the fixed buffer of the io_uring fd
};

inline constexpr std::uint32_t kPeekPages = 64;

struct Order {
  Task task{};
  std::uint64_t address = 0, length = 0;
  std::int32_t fd = -1;
  std::uint64_t offset = 0;
  std::int32_t prot = 0, flags = 0;
  std::uint32_t child = 0;
  std::uint8_t value = 0;
};

struct Answer {
  std::int32_t error = 0;    // errno; 0: it worked
  std::int32_t signal = 0;   // SIGSEGV or SIGBUS
  std::uint64_t faults = 0;  // minor and major, of the access alone
  std::uint32_t value = 0;
  std::int32_t pid = 0;
  std::uint8_t bytes[kPeekPages * 4] = {};
};

// Whose turn it is. A futex needs a plain 32-bit word.
enum Turn : std::uint32_t { kIdle, kOrdered, kAnswered };

struct Mailbox {
  std::atomic<std::uint32_t> turn{kIdle};
  Order order;
  Answer answer;
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

void post(Mailbox& box, Turn turn);  // sets the turn and wakes who waits
// False: `wait` has passed, or a signal came, and it is not yet that turn. Null: without end.
bool await(Mailbox& box, Turn turn, const std::timespec* wait);

}  // namespace cow::kernel

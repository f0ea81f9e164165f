#include "kernel/process.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "kernel/access.h"
#include "kernel/page.h"
#include "kernel/userfaults.h"

namespace cow::kernel {
namespace {

class Process {
 public:
  Process(Mailbox* boxes, std::uint32_t self, pid_t controller)
      : boxes_(boxes), self_(self), controller_(controller) {}

  [[noreturn]] void live() {
    begin();
    for (;;) {
      while (!await(boxes_[self_], kOrdered, nullptr)) {
      }
      obey(boxes_[self_].order, boxes_[self_].answer);
      post(boxes_[self_], kAnswered);
    }
  }

 private:
  // Nobody outlives the controller. It may have died before the kernel was told so.
  void begin() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != controller_) _exit(1);
    // These descriptors name the address space of the parent.
    for (int* fd : {&memory_, &userfaults_}) {
      if (*fd >= 0) close(*fd);
      *fd = -1;
    }
    if (scratch_ == nullptr) {
      void* const page =
          mmap(nullptr, kPageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (page == MAP_FAILED) _exit(1);
      scratch_ = page;
      catch_signals();
    }
  }

  // A page that was just made is held by a list of its CPU. What empties that list: DONTNEED of any
  // page on 5.x, COLD on 6.x.
  void drain() const {
    madvise(scratch_, kPageSize, MADV_DONTNEED);
    madvise(scratch_, kPageSize, MADV_COLD);
  }

  void obey(const Order& order, Answer& answer) {
    answer.error = answer.signal = 0;
    answer.faults = answer.value = 0;
    void* const at = reinterpret_cast<void*>(order.address);
    switch (order.task) {
      case Task::map: return map(order, answer);
      case Task::probe: return probe(order, answer);
      case Task::covered: return covered(order, answer);
      case Task::unmap: return tell(munmap(at, order.length), answer);
      case Task::protect: drain(); return tell(mprotect(at, order.length, order.prot), answer);
      case Task::advise: return tell(madvise(at, order.length, order.flags), answer);
      case Task::remap: return remap(order, answer);
      case Task::lock: drain(); return tell(mlock(at, order.length), answer);
      case Task::unlock: return tell(munlock(at, order.length), answer);
      case Task::uffd_wp: return write_protect(order, answer);
      case Task::fork: return fork(order.child, answer);
      case Task::exit: _exit(0);
      case Task::read: return read_byte(order.address, answer);
      case Task::write: drain(); return write_byte(order.address, order.value, answer);
      case Task::mem_read:
      case Task::mem_write: return through_memory(order, answer);
      case Task::peek: return peek_pages(order.address, order.length, answer);
      case Task::vmsplice: return splice(order, answer);
      case Task::pin_fixed: return pin_fixed(order, answer);
    }
  }
  static void tell(long result, Answer& answer) { answer.error = result < 0 ? errno : 0; }

  static void map(const Order& order, Answer& answer) {
    void* const at = reinterpret_cast<void*>(order.address);
    const void* const got = mmap(at, order.length, order.prot, order.flags | MAP_FIXED_NOREPLACE,
                                 order.fd, static_cast<off_t>(order.offset));
    answer.error = got == MAP_FAILED ? errno : got != at ? EEXIST : 0;
  }
  static void remap(const Order& order, Answer& answer) {
    const void* const got =
        mremap(reinterpret_cast<void*>(order.address), order.length, order.length,
               MREMAP_MAYMOVE | MREMAP_FIXED, reinterpret_cast<void*>(order.offset));
    answer.error = got == MAP_FAILED ? errno : 0;
  }
  static void probe(const Order& order, Answer& answer) {
    void* const at = reinterpret_cast<void*>(order.address);
    void* const got =
        mmap(at, order.length, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    answer.value = got != at;
    if (got != MAP_FAILED) munmap(got, order.length);
    else if (errno != EEXIST) answer.error = errno;
  }
  static void covered(const Order& order, Answer& answer) {
    static unsigned char resident[4096];
    answer.value = 1;
    for (std::uint64_t done = 0; done < order.length; done += sizeof resident * kPageSize) {
      const std::uint64_t some =
          std::min<std::uint64_t>(order.length - done, sizeof resident * kPageSize);
      if (mincore(reinterpret_cast<void*>(order.address + done), some, resident) == 0) continue;
      answer.value = 0;
      if (errno != ENOMEM) answer.error = errno;
      return;
    }
  }

  // As the parent's sibling, so that each process is the controller's child whoever exits.
  void fork(std::uint32_t child, Answer& answer) {
    const long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (pid != 0) {
      answer.pid = static_cast<pid_t>(pid);
      return tell(pid, answer);
    }
    self_ = child;
    begin();
    boxes_[self_].answer.error = 0;
    post(boxes_[self_], kAnswered);
    live();
  }

  void through_memory(const Order& order, Answer& answer) {
    if (memory_ < 0) memory_ = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    if (memory_ < 0) return tell(-1, answer);
    drain();
    if (order.task == Task::mem_read) mem_read_byte(memory_, order.address, answer);
    else mem_write_byte(memory_, order.address, order.value, answer);
  }
  void write_protect(const Order& order, Answer& answer) {
    if (userfaults_ < 0) userfaults_ = open_userfaults();
    if (userfaults_ < 0) return tell(-1, answer);
    const uffdio_range range{order.address, order.length};
    uffdio_register all{range, UFFDIO_REGISTER_MODE_WP, 0};
    if (ioctl(userfaults_, UFFDIO_REGISTER, &all) != 0) return tell(-1, answer);
    uffdio_writeprotect protect{range, order.value != 0 ? UFFDIO_WRITEPROTECT_MODE_WP : 0};
    tell(ioctl(userfaults_, UFFDIO_WRITEPROTECT, &protect), answer);
  }
  void splice(const Order& order, Answer& answer) const {
    drain();
    const iovec page{reinterpret_cast<void*>(order.address), kPageSize};
    tell(vmsplice(order.fd, &page, 1, SPLICE_F_NONBLOCK), answer);
  }
  void pin_fixed(const Order& order, Answer& answer) const {
    drain();
    const iovec page{reinterpret_cast<void*>(order.address), kPageSize};
    tell(syscall(SYS_io_uring_register, order.fd, IORING_REGISTER_BUFFERS, &page, 1), answer);
  }

  Mailbox* boxes_;
  std::uint32_t self_;
  pid_t controller_;
  int memory_ = -1, userfaults_ = -1;
  void* scratch_ = nullptr;
};

}  // namespace

pid_t start_process(Mailbox* boxes, std::uint32_t self) {
  const pid_t controller = getpid();
  const long pid = syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (pid == 0) Process(boxes, self, controller).live();
  return static_cast<pid_t>(pid);
}

}  // namespace cow::kernel

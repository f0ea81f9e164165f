#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "bench_steps.h"
#include "helper.h"
#include "kernel_work.h"
#include "orders.h"
#include "timers.h"

namespace cow::bench {
namespace {

// Private anonymous memory of small pages.
class Memory {
 public:
  explicit Memory(std::size_t bytes) : bytes_(bytes) {
    map();
    write_all();
  }
  void map() {
    void* at = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    demand(at != MAP_FAILED, "no memory for the running kernel's rows");
    memory_ = static_cast<volatile char*>(at);
    madvise(at, bytes_, MADV_NOHUGEPAGE);  // refused where there are none: all the better
  }
  void unmap() { demand(munmap(address(), bytes_) == 0, "munmap"); }
  void discard() { demand(madvise(address(), bytes_, MADV_DONTNEED) == 0, "MADV_DONTNEED"); }
  void write_all() {
    for (std::size_t at = 0; at < bytes_; at += kPage) memory_[at] = 1;
  }
  void read_all() {
    for (std::size_t at = 0; at < bytes_; at += kPage) (void)memory_[at];
  }

 private:
  void* address() { return const_cast<char*>(memory_); }
  std::size_t bytes_;
  volatile char* memory_ = nullptr;
};

// A child that waits until it is told to exit.
class Child {
 public:
  double fork_time() const { return fork_time_; }
  Child() {
    const CpuTimer timer;
    pid_ = fork();
    if (pid_ == 0) {
      char told = 0;
      receive(tell_.out(), &told, 1);
      _exit(0);
    }
    fork_time_ = timer.seconds();
    demand(pid_ > 0, "fork");
  }
  double exit_time() const {
    return timed<WallTimer>([this] {
      send(tell_.in(), "", 1);
      waitpid(pid_, nullptr, 0);
    });
  }
  ~Child() {
    close(tell_.out());
    close(tell_.in());
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  Pipe tell_;
  pid_t pid_ = 0;
  double fork_time_ = 0;
};

double copied_by_a_child(Memory& memory) {
  const Pipe said;
  const pid_t pid = fork();
  demand(pid >= 0, "fork");
  if (pid == 0) {
    const double t = timed([&] { memory.write_all(); });
    send(said.in(), &t, sizeof t);
    _exit(0);
  }
  double t = 0;
  demand(receive(said.out(), &t, sizeof t), "a child said nothing");
  waitpid(pid, nullptr, 0);
  close(said.in());
  close(said.out());
  return t;
}

double measure(Memory& memory, KernelWork work) {
  const auto write_all = [&] { memory.write_all(); };
  write_all();
  switch (work) {
    case KernelWork::fork: {
      const Child child;
      child.exit_time();
      return child.fork_time();
    }
    case KernelWork::exit: return Child().exit_time();
    case KernelWork::copy: return copied_by_a_child(memory);
    case KernelWork::reuse: Child().exit_time(); return timed(write_all);
    case KernelWork::first_touch: memory.discard(); return timed(write_all);
    case KernelWork::zero: memory.discard(); return timed([&] { memory.read_all(); });
    case KernelWork::unmap: {
      const double t = timed([&] { memory.unmap(); });
      memory.map();
      return t;
    }
  }
  return 0;
}

}  // namespace

int kernel_helper(const std::string& words) {
  Memory memory(std::stoull(words.substr(words.find(' '))));
  return answer_questions(
      [&](char question) { return measure(memory, static_cast<KernelWork>(question)); });
}

}  // namespace cow::bench

#include "kernel/processes.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <string>

#include "kernel/process.h"

namespace cow::kernel {
namespace {

using Clock = std::chrono::steady_clock;

std::string name_of(Pid p) { return "process " + std::to_string(index(p)); }

}  // namespace

void stay_on_one_cpu() {
  const int cpu = sched_getcpu();
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu < 0 ? 0 : static_cast<unsigned>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

Processes::Processes(std::uint32_t names, std::chrono::milliseconds limit)
    : pids_(names), limit_(limit) {
  void* const memory = mmap(nullptr, names * sizeof(Mailbox), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw Lost("no memory for the mailboxes");
  boxes_ = static_cast<Mailbox*>(memory);
  for (std::uint32_t i = 0; i < names; ++i) new (boxes_ + i) Mailbox;
}

Processes::~Processes() {
  end_all();
  munmap(boxes_, pids_.size() * sizeof(Mailbox));
}

void Processes::start() {
  boxes_[0].turn.store(kIdle);
  const pid_t pid = start_process(boxes_, 0);
  if (pid < 0) throw Lost(std::string("no process: ") + std::strerror(errno));
  pids_[0] = pid;
}

const Answer& Processes::ask(Pid p, const Order& order) {
  Mailbox& box = boxes_[index(p)];
  box.order = order;
  post(box, kOrdered);
  wait_for_answer(p);
  return box.answer;
}

void Processes::wait_for_answer(Pid p) {
  constexpr std::timespec kSlice{0, 50'000'000};
  Mailbox& box = boxes_[index(p)];
  const auto end = Clock::now() + limit_;
  while (!await(box, kAnswered, &kSlice)) {
    int status = 0;
    if (waitpid(pids_[index(p)], &status, WNOHANG) == pids_[index(p)]) {
      pids_[index(p)] = 0;
      throw Lost(name_of(p) + " has died");
    }
    if (Clock::now() > end) throw Lost(name_of(p) + " hangs");
  }
}

bool Processes::fork(Pid parent, Pid child) {
  boxes_[index(child)].turn.store(kIdle);
  Order order;
  order.task = Task::fork;
  order.child = index(child);
  const Answer& answer = ask(parent, order);
  if (answer.error != 0) return false;
  pids_[index(child)] = answer.pid;
  wait_for_answer(child);
  return true;
}

void Processes::exit(Pid p) {
  Mailbox& box = boxes_[index(p)];
  box.order = {};
  box.order.task = Task::exit;
  post(box, kOrdered);
  int status = 0;
  while (waitpid(pids_[index(p)], &status, 0) < 0 && errno == EINTR) {
  }
  pids_[index(p)] = 0;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw Lost(name_of(p) + " has died");
}

void Processes::reap(Pid p) {
  while (waitpid(pids_[index(p)], nullptr, 0) < 0 && errno == EINTR) {
  }
  pids_[index(p)] = 0;
}

// One that is just dying lets go of its memory before it can be waited for.
bool Processes::lost_one() const {
  constexpr std::timespec kAMoment{0, 2'000'000};
  for (int i = 0; i < 3; ++i) {
    for (const pid_t pid : pids_) {
      siginfo_t info{};
      if (pid > 0 &&
          waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          info.si_pid == pid)
        return true;
    }
    nanosleep(&kAMoment, nullptr);
  }
  return false;
}

void Processes::end_all() {
  for (const pid_t pid : pids_)
    if (pid > 0) kill(pid, SIGKILL);
  for (std::uint32_t i = 0; i < pids_.size(); ++i)
    if (pids_[i] > 0) reap(Pid{i});
}

}  // namespace cow::kernel

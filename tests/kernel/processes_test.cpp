// Model processes: who hangs or dies is told, and nobody is left.
#include "kernel/processes.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <string>

namespace cow::kernel {
namespace {

using std::chrono::milliseconds;

// Any order that does nothing.
Order nothing() {
  Order order;
  order.task = Task::unmap;
  order.address = std::uint64_t{1} << 45;
  order.length = 4096;
  return order;
}
std::string lost(auto act) {
  try {
    act();
  } catch (const Lost& e) {
    return e.what();
  }
  return "";
}

TEST(Processes, AllAreChildrenOfTheController) {
  Processes processes(3, milliseconds(5000));
  processes.start();
  ASSERT_TRUE(processes.fork(Pid{0}, Pid{1}));
  ASSERT_TRUE(processes.fork(Pid{1}, Pid{2}));
  processes.exit(Pid{0});
  EXPECT_FALSE(processes.alive(Pid{0}));
  EXPECT_EQ(processes.ask(Pid{2}, nothing()).error, 0);
  ASSERT_TRUE(processes.fork(Pid{2}, Pid{0}));  // a dead name is used again
  EXPECT_EQ(processes.ask(Pid{0}, nothing()).error, 0);
  processes.end_all();
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Processes, AHungOneIsGivenUp) {
  Processes processes(1, milliseconds(200));
  processes.start();
  EXPECT_EQ(processes.ask(Pid{0}, nothing()).error, 0);
  kill(processes.pid(Pid{0}), SIGSTOP);
  EXPECT_EQ(lost([&] { processes.ask(Pid{0}, nothing()); }), "process 0 hangs");
}

TEST(Processes, ADeadOneIsTold) {
  Processes processes(1, milliseconds(5000));
  processes.start();
  EXPECT_EQ(processes.ask(Pid{0}, nothing()).error, 0);
  kill(processes.pid(Pid{0}), SIGKILL);
  EXPECT_EQ(lost([&] { processes.ask(Pid{0}, nothing()); }), "process 0 has died");
  processes.start();
  kill(processes.pid(Pid{0}), SIGKILL);
  EXPECT_EQ(lost([&] { processes.exit(Pid{0}); }), "process 0 has died");
}

}  // namespace
}  // namespace cow::kernel

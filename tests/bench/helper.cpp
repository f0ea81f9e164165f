#include "helper.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "bench_steps.h"

extern char** environ;

namespace cow::bench {

Pipe::Pipe() { demand(pipe2(ends_, O_CLOEXEC) == 0, "no pipe"); }

void send(int to, const void* what, std::size_t size) {
  demand(write(to, what, size) == static_cast<ssize_t>(size), "a pipe took less than it was given");
}

bool receive(int from, void* what, std::size_t size) {
  return read(from, what, size) == static_cast<ssize_t>(size);
}

int answer_questions(const std::function<double(char)>& answer) {
  char question = 0;
  while (receive(STDIN_FILENO, &question, 1)) {
    const double number = answer(question);
    send(STDOUT_FILENO, &number, sizeof number);
  }
  return 0;
}

Helper::Helper(const std::string& words) {
  const Pipe ask, answer;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ask.out(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, answer.in(), STDOUT_FILENO);
  std::string program = "cow_performance", option = kHelperOption + words;
  const std::array<char*, 3> arguments{program.data(), option.data(), nullptr};
  const int failed =
      posix_spawn(&helper_, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  demand(failed == 0, "this program could not be started again");
  close(ask.out());
  close(answer.in());
  ask_ = ask.in();
  answer_ = answer.out();
}

Helper::~Helper() {
  close(ask_);
  close(answer_);
  waitpid(helper_, nullptr, 0);
}

double Helper::ask(char question) const {
  send(ask_, &question, 1);
  double number = 0;
  demand(receive(answer_, &number, sizeof number), "the helper process said nothing");
  return number;
}

}  // namespace cow::bench

#include "kernel/put_back.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <optional>

#include "kernel/journal.h"

namespace cow::kernel {
namespace {

// For the signal handler, which may use nothing that allocates.
std::array<Undoing, PutBack::kMost> undoings;
volatile std::sig_atomic_t made = 0;
pid_t owner = 0;
std::array<char, 4096> journal_path;

std::optional<Journal> journal;
std::vector<std::string> names;

// All that end a process, but SIGKILL.
constexpr std::array kEnding = {SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE, SIGTERM, SIGABRT, SIGXCPU,
                                SIGXFSZ, SIGALRM, SIGUSR1, SIGUSR2, SIGPOLL, SIGPWR,  SIGPROF,
                                SIGSYS,  SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGTRAP, SIGVTALRM};

// Model processes inherit it, and just die.
void on_ending(int signal) {
  if (getpid() == owner) {
    bool all = true;
    for (int i = made; i-- > 0;) all = undo_now(undoings[static_cast<std::size_t>(i)]) == 0 && all;
    if (all) unlink(journal_path.data());
  }
  std::signal(signal, SIG_DFL);
  raise(signal);
}

// A signal that is ignored stays so.
void set_handlers(void (*from)(int), void (*to)(int)) {
  for (const int signal : kEnding) {
    struct sigaction now {};
    sigaction(signal, nullptr, &now);
    if (now.sa_handler != from) continue;
    now.sa_handler = to;
    sigaction(signal, &now, nullptr);
  }
}

void write_down(const Change& change) {
  try {
    if (!journal) journal.emplace();
    journal->add(print(change));
  } catch (const std::runtime_error& e) {
    if (made == 0) journal.reset();
    throw NoChange(e.what());
  }
}

}  // namespace

SignalsWait::SignalsWait() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before_);
}
SignalsWait::~SignalsWait() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

PutBack::PutBack(const Change& change, void (*first)()) {
  const SignalsWait wait;
  const auto at = static_cast<std::size_t>(made);
  if (at == kMost) throw NoChange("too many changes at a time");
  Undoing& undoing = undoings[at];
  undoing = {};
  undoing.first = first;
  write_down(change);
  const std::string& path = journal->path();
  if (!prepare(change, undoing) || path.size() >= journal_path.size()) {
    if (made == 0) journal.reset();
    throw NoChange("the temporary folder's name is too long");
  }
  std::memcpy(journal_path.data(), path.c_str(), path.size() + 1);
  names.push_back(print(change));
  owner = getpid();
  made = made + 1;
  if (made == 1) set_handlers(SIG_DFL, on_ending);
}

PutBack::~PutBack() {
  const SignalsWait wait;
  made = made - 1;
  const bool undone = undo_now(undoings[static_cast<std::size_t>(made)]) == 0;
  const std::string what = names.back();
  names.pop_back();
  if (!undone) {
    journal->keep();
    std::fprintf(stderr, "cow kernel: not put back: %s; `cow kernel --restore` tries again\n",
                 what.c_str());
  }
  if (made > 0) return;
  set_handlers(on_ending, SIG_DFL);
  journal.reset();
}

std::vector<std::string> changes_of_this_run() { return names; }

}  // namespace cow::kernel

// A snapshot of real processes holds; one that was tampered with does not.
#include "snapshot/take.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "snapshot/print.h"
#include "state/check.h"

namespace cow::snapshot {
namespace {

constexpr std::size_t kPage = 4096, kPages = 4;

// A child that shares one written page with its parent, and has a second one of its own.
class Family {
 public:
  Family() {
    memory_ = static_cast<char*>(
        mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    // Neighbours of one kind would become one area.
    mprotect(memory_ + (kPages - 1) * kPage, kPage, PROT_NONE);
    memory_[0] = 1;
    memory_[kPage] = 1;
    int ready[2] = {-1, -1};
    EXPECT_EQ(pipe(ready), 0);
    child_ = fork();
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      memory_[kPage] = 2;
      (void)!write(ready[1], "", 1);
      for (;;) pause();
    }
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
  }
  ~Family() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    munmap(memory_, kPages * kPage);
  }
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  [[nodiscard]] pid_t child() const { return child_; }

  // What the state says of one page, in the parent or in the child.
  trace::StateEntry* entry(trace::State& state, std::uint32_t process, std::size_t page) const {
    const auto wanted = reinterpret_cast<std::uint64_t>(memory_) + page * kPage;
    for (trace::StateEntry& e : state.entries) {
      const auto at = std::stoull(e.place.region.substr(1), nullptr, 16) + e.place.page * kPage;
      if (e.place.process == process && at == wanted) return &e;
    }
    return nullptr;
  }

 private:
  char* memory_ = nullptr;
  pid_t child_ = -1;
};

// The clauses that a state violates.
std::vector<std::string> violated(const trace::State& state) {
  std::vector<std::string> names;
  for (const state::Finding& f : state::check(state))
    if (f.status == state::Status::violated) names.push_back(f.clause + ": " + f.witness);
  return names;
}

bool has(const std::vector<std::string>& names, const std::string& clause) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return name.starts_with(clause + ":"); });
}

Snapshot shot_of(const std::vector<int>& pids) {
  auto taken = take(pids);
  EXPECT_TRUE(std::holds_alternative<Snapshot>(taken));
  return std::get<Snapshot>(std::move(taken));
}

// The part of a state that speaks of one frame: whole ones take the solver seconds.
trace::State about(trace::State state, std::uint32_t frame) {
  std::erase_if(state.frames, [&](const auto& f) { return f.number != frame; });
  std::erase_if(state.entries, [&](const auto& e) { return e.number != frame; });
  return state;
}

trace::State read_back(const Snapshot& shot) {
  auto parsed = trace::parse_state("shot", print(shot));
  EXPECT_TRUE(std::holds_alternative<trace::State>(parsed));
  return std::get<trace::State>(std::move(parsed));
}

TEST(Snapshot, OfAForkedPairHolds) {
  const Family family;
  const Snapshot shot = shot_of({getpid(), family.child()});
  EXPECT_EQ(shot.processes.size(), 2u);
  EXPECT_EQ(violated(read_back(shot)), std::vector<std::string>{});
}

TEST(Snapshot, ShowsWhatForkShares) {
  const Family family;
  Snapshot shot = shot_of({getpid(), family.child()});
  if (!shot.frames_visible) GTEST_SKIP() << "frames are not shown to this user";
  const auto *mine = family.entry(shot.state, 0, 0), *theirs = family.entry(shot.state, 1, 0);
  ASSERT_NE(mine, nullptr);
  ASSERT_NE(theirs, nullptr);
  EXPECT_EQ(mine->number, theirs->number);
  const auto& frames = shot.state.frames;
  const auto frame = std::find_if(frames.begin(), frames.end(),
                                  [&](const auto& f) { return f.number == mine->number; });
  ASSERT_NE(frame, frames.end());
  EXPECT_EQ(frame->kind, trace::PageKind::anon);
  EXPECT_EQ(frame->mapcount, 2u);
  EXPECT_NE(family.entry(shot.state, 0, 1)->number, family.entry(shot.state, 1, 1)->number);
}

TEST(Snapshot, SaysNothingThatWasNotSeen) {
  const Family family;
  for (const trace::StateEntry& e : shot_of({family.child()}).state.entries)
    EXPECT_NE(e.prot, Prot::rw) << trace::print(e);
}

TEST(Snapshot, WithTwoWritersOfOnePageIsRefused) {
  const Family family;
  Snapshot shot = shot_of({getpid(), family.child()});
  if (!shot.frames_visible) GTEST_SKIP() << "frames are not shown to this user";
  trace::StateEntry* mine = family.entry(shot.state, 0, 0);
  mine->prot = Prot::rw;
  EXPECT_TRUE(has(violated(about(shot.state, mine->number)), "ALONE-1"));
}

TEST(Snapshot, WithAMapcountTooSmallIsRefused) {
  const Family family;
  Snapshot shot = shot_of({getpid(), family.child()});
  if (!shot.counts_visible) GTEST_SKIP() << "counts are not shown to this user";
  const std::uint32_t shared = family.entry(shot.state, 0, 0)->number;
  for (trace::StateFrame& f : shot.state.frames)
    if (f.number == shared) f.mapcount = 1;
  EXPECT_TRUE(has(violated(about(shot.state, shared)), "CNT-1"));
}

TEST(Snapshot, RefusesWhatIsNoProcess) {
  const Family family;
  const auto why = [](const std::vector<int>& pids) {
    const auto taken = take(pids);
    const auto* refusal = std::get_if<Refusal>(&taken);
    return refusal == nullptr ? std::optional<Why>{} : refusal->why;
  };
  const pid_t dead = fork();
  if (dead == 0) _exit(0);
  siginfo_t info;
  waitid(P_PID, static_cast<id_t>(dead), &info, WEXITED | WNOWAIT);
  const auto unreaped = why({dead});
  EXPECT_TRUE(unreaped == Why::no_memory || unreaped == Why::no_right);
  waitpid(dead, nullptr, 0);
  EXPECT_EQ(why({dead}), Why::no_such_process);
  EXPECT_EQ(why({getpid(), getpid()}), Why::shares_memory);
}

}  // namespace
}  // namespace cow::snapshot

// Threads that use one machine at once, and what each checks of all that it sees.
//
// Thread t of a process owns cell t of every page: it writes counts there, reads them back,
// discards nothing of others, and looks at the others' cells. Process 0 forks children while its
// threads write; each child's threads find a snapshot that lies between the fork's begin and its
// end, cell by cell, which nobody's later write changes. Pins are taken fast and slow, before forks
// and beside them: what is read through a read-write pin is what the owner's own cell holds. Every
// other seed has threads that mark pages with userfaultfd and lift the marks, beside all that,
// where the rules lose no write by it. Now and then a page moves.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "cow/rules.h"
#include "cow/step.h"
#include "stress/shadow.h"

namespace cow::stress {

struct Plan {
  std::uint64_t seed = 1;
  std::uint32_t pages = 16;
  unsigned threads = kCells;  // of the parent, at most kCells
  std::chrono::milliseconds time{2000};
  const Rules* rules = nullptr;
};

struct Tally {
  std::atomic<std::uint64_t> steps{0}, forks{0}, copied{0}, reused{0}, pins{0}, snapshots{0};
  std::atomic<std::uint64_t> watched{0}, moved{0};
};

template <class Machine> class World {
 public:
  World(const Plan& plan, Tally& tally)
      : plan_(plan), tally_(tally), machine_(Setup{}, *plan.rules), parent_(plan.pages) {}

  // The first thing that was wrong, after all threads have ended; nothing: all was as it must be.
  std::optional<std::string> run();

 private:
  static constexpr Pid kParent{0};
  static constexpr Region kRegion{0};
  // Each of the parent's threads forks children of its own, one after the other.
  static Pid child_of(unsigned thread) { return Pid{1 + thread}; }

  void live(unsigned thread);
  void write_own(unsigned thread, std::uint32_t page);
  void read_own(unsigned thread, std::uint32_t page);
  void read_other(unsigned thread, std::uint32_t page, unsigned cell);
  void pin_own(unsigned thread, std::uint32_t page, bool fast);
  void watch(unsigned thread, std::uint32_t page, bool marks);
  void migrate(unsigned thread, std::uint32_t page);
  void fork_and_look(unsigned thread, std::mt19937_64& random);
  void look_at_child(unsigned thread, const std::vector<std::uint32_t>& before,
                     const std::vector<std::uint32_t>& after, std::mt19937_64& random);
  void settle(const std::string& what);

  Result step(const Step& s) {
    tally_.steps.fetch_add(1, std::memory_order_relaxed);
    const Result r = machine_.run(s);
    if (r.outcome == Outcome::copied) tally_.copied.fetch_add(1, std::memory_order_relaxed);
    if (r.outcome == Outcome::reused) tally_.reused.fetch_add(1, std::memory_order_relaxed);
    return r;
  }
  // Until nobody has the page marked: whoever marks it lifts that at once.
  Result unmarked_step(const Step& s) {
    Result r = step(s);
    while (is_watched() && r.outcome == Outcome::uffd) r = step(s);
    return r;
  }
  // Where references do not keep a page from being reused, one that is being copied is written to,
  // and a mark that is lifted hides that: tests/litmus/order-entry-came-back.cow.
  bool is_watched() const { return plan_.seed % 2 == 0 && plan_.rules->reuse_needs_refcount_1; }
  Step on(Op op, Pid p, unsigned thread, std::uint32_t page, unsigned cell) const {
    Step s;
    s.op = op;
    s.process = p;
    s.thread = thread;
    s.region = kRegion;
    s.first = s.last = page;
    s.cell = static_cast<std::uint8_t>(cell);
    return s;
  }
  bool over() const {
    return wrong_.load(std::memory_order_relaxed) || std::chrono::steady_clock::now() >= end_;
  }
  void complain(std::string what);

  Plan plan_;
  Tally& tally_;
  Machine machine_;
  Shadow parent_;
  std::chrono::steady_clock::time_point end_;
  std::atomic<bool> wrong_{false};
  std::atomic<bool> said_{false};
  std::string first_wrong_;
};

}  // namespace cow::stress

#include "stress/world_bodies.h"

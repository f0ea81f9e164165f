// The bodies of World.
#pragma once

#include <thread>

#include "stress/world.h"

namespace cow::stress {

template <class Machine> void World<Machine>::complain(std::string what) {
  if (said_.exchange(true)) return;
  first_wrong_ = std::move(what);
  wrong_.store(true);
}

template <class Machine> std::optional<std::string> World<Machine>::run() {
  Step map;
  map.op = Op::map;
  map.count = plan_.pages;
  machine_.run(map);
  end_ = std::chrono::steady_clock::now() + plan_.time;
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < plan_.threads; ++t) threads.emplace_back([this, t] { live(t); });
  }
  if (!wrong_.load()) settle("after all threads");
  return said_.load() ? std::optional(first_wrong_) : std::nullopt;
}

// With nothing running, counts are what entries and references say.
template <class Machine> void World<Machine>::settle(const std::string& what) {
  if (const auto bad = machine_.check_counts()) complain(what + ": " + *bad);
  if (const auto bad = machine_.check_tables()) complain(what + ": " + *bad);
}

template <class Machine> void World<Machine>::live(unsigned thread) {
  std::mt19937_64 random(plan_.seed * 1000 + thread);
  while (!over()) {
    const auto page = static_cast<std::uint32_t>(random() % plan_.pages);
    const std::uint64_t dice = random() % 100;
    if (dice < 45) write_own(thread, page);
    else if (dice < 65) read_own(thread, page);
    else if (dice < 85) read_other(thread, page, static_cast<unsigned>(random() % plan_.threads));
    else if (dice < 92) pin_own(thread, page, dice % 2 == 0);
    else if (dice < 96) fork_and_look(thread, random);
    else if (dice < 99 && is_watched()) watch(thread, page, dice % 2 == 0);
    else if (dice == 99) migrate(thread, page);
    else std::this_thread::yield();
  }
}

template <class Machine> void World<Machine>::write_own(unsigned thread, std::uint32_t page) {
  Cell& cell = parent_.at(page, thread);
  Step s = on(Op::write, kParent, thread, page, thread);
  const std::uint32_t count = cell.begun.load() + 1;
  s.value = static_cast<std::uint8_t>(count);
  cell.begun.store(count);
  const Outcome outcome = unmarked_step(s).outcome;
  if (refused(outcome)) complain("a write was refused on page " + std::to_string(page));
  cell.done.store(count);
}

template <class Machine> void World<Machine>::read_own(unsigned thread, std::uint32_t page) {
  const Result r = step(on(Op::read, kParent, thread, page, thread));
  const auto last = static_cast<std::uint8_t>(parent_.at(page, thread).done.load());
  if (!r.has_value || r.value != last)
    complain("thread " + std::to_string(thread) + " wrote " + std::to_string(last) + " to page " +
             std::to_string(page) + " and read " + std::to_string(r.value));
}

template <class Machine>
void World<Machine>::read_other(unsigned thread, std::uint32_t page, unsigned cell) {
  Cell& theirs = parent_.at(page, cell);
  const std::uint32_t before = theirs.done.load();
  const Result r = step(on(Op::read, kParent, thread, page, cell));
  const std::uint32_t after = theirs.begun.load();
  if (!r.has_value || !is_between(r.value, before, after))
    complain("thread " + std::to_string(thread) + " read " + std::to_string(r.value) + " of page " +
             std::to_string(page) + ", whose writer was between " + std::to_string(before) +
             " and " + std::to_string(after));
}

// A read-write pin and its owner go on naming one page, whatever forks run beside it, where fork
// copies pinned pages. (Before 5.19 a change of protection can part them: then it is not asked.)
template <class Machine>
void World<Machine>::pin_own(unsigned thread, std::uint32_t page, bool fast) {
  Step pin = on(Op::pin, kParent, thread, page, 0);
  pin.ref = Ref{thread};
  pin.prot = Prot::rw;
  pin.fast = fast;
  if (refused(unmarked_step(pin).outcome)) return complain("a pin was refused");
  tally_.pins.fetch_add(1, std::memory_order_relaxed);
  for (int i = 0; i < 2; ++i) {
    write_own(thread, page);
    Step read;
    read.op = Op::ref_read;
    read.thread = thread;
    read.ref = pin.ref;
    read.cell = static_cast<std::uint8_t>(thread);
    const Result r = step(read);
    const auto last = static_cast<std::uint8_t>(parent_.at(page, thread).done.load());
    const bool stays =
        plan_.rules->fork_copies_pinned && (plan_.rules->tracks_exclusive || !is_watched());
    if (r.value != last && stays)
      complain("thread " + std::to_string(thread) + " wrote " + std::to_string(last) +
               " and its pin of page " + std::to_string(page) + " read " + std::to_string(r.value));
  }
  Step unpin = pin;
  unpin.op = Op::unpin;
  step(unpin);
}

// Marks lifted, or lifted where there are none: either takes write permission away, and flushes
// late. WP-3
template <class Machine>
void World<Machine>::watch(unsigned thread, std::uint32_t page, bool marks) {
  Step change = on(Op::uffd_wp, kParent, thread, page, 0);
  if (marks && refused(step(change).outcome)) complain("a page could not be marked");
  change.on = false;
  if (refused(step(change).outcome)) complain("a mark could not be lifted");
  tally_.watched.fetch_add(1, std::memory_order_relaxed);
}

// Unless somebody holds the page, or nobody has it yet.
template <class Machine> void World<Machine>::migrate(unsigned thread, std::uint32_t page) {
  if (step(on(Op::sys_migrate, kParent, thread, page, 0)).outcome == Outcome::ok)
    tally_.moved.fetch_add(1, std::memory_order_relaxed);
}

template <class Machine>
void World<Machine>::fork_and_look(unsigned thread, std::mt19937_64& random) {
  std::vector<std::uint32_t> before, after;
  const auto note = [&](std::vector<std::uint32_t>& counts, auto count_of) {
    for (std::uint32_t page = 0; page < plan_.pages; ++page)
      for (unsigned c = 0; c < plan_.threads; ++c) counts.push_back(count_of(parent_.at(page, c)));
  };
  note(before, [](Cell& c) { return c.done.load(); });
  Step fork;
  fork.op = Op::fork;
  fork.process = kParent;
  fork.thread = thread;
  fork.child = child_of(thread);
  if (step(fork).outcome != Outcome::ok) return complain("a fork was refused");
  tally_.forks.fetch_add(1, std::memory_order_relaxed);
  note(after, [](Cell& c) { return c.begun.load(); });
  look_at_child(thread, before, after, random);
  Step exit;
  exit.op = Op::exit;
  exit.process = fork.child;
  exit.thread = thread;
  step(exit);
}

// The child's cells lie between the fork's begin and its end, stay so whatever the parent writes,
// and take the child's own writes.
template <class Machine>
void World<Machine>::look_at_child(unsigned thread, const std::vector<std::uint32_t>& before,
                                   const std::vector<std::uint32_t>& after,
                                   std::mt19937_64& random) {
  const Pid child = child_of(thread);
  const auto read = [&](std::size_t i) {
    return step(on(Op::read, child, thread, static_cast<std::uint32_t>(i / plan_.threads),
                   static_cast<unsigned>(i % plan_.threads)));
  };
  const auto told = [&](std::size_t i, const Result& r, const std::string& should) {
    complain("the child of thread " + std::to_string(thread) + " read " + std::to_string(r.value) +
             " of page " + std::to_string(i / plan_.threads) + " cell " +
             std::to_string(i % plan_.threads) + ", " + should);
  };
  std::vector<std::uint8_t> own;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Result r = read(i);
    own.push_back(r.value);
    if (!r.has_value || !is_between(r.value, before[i], after[i]))
      told(i, r,
           "forked between writes " + std::to_string(before[i]) + " and " +
               std::to_string(after[i]));
  }
  for (int writes = 0; writes < 4; ++writes) {
    const std::size_t i = random() % own.size();
    Step write = on(Op::write, child, thread, static_cast<std::uint32_t>(i / plan_.threads),
                    static_cast<unsigned>(i % plan_.threads));
    write.value = ++own[i];
    step(write);
  }
  for (std::size_t i = 0; i < own.size(); ++i)
    if (const Result r = read(i); r.value != own[i])
      told(i, r, "which had been " + std::to_string(own[i]));
  tally_.snapshots.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace cow::stress

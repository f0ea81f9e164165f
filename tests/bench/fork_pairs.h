// Fork beside a copy of as many tables; a fork that shares tables beside one that copies them.
#pragma once

#include <memory>

#include "bare.h"
#include "pair.h"
#include "scene.h"
#include "timers.h"

namespace cow::bench {

template <class Machine> std::uint32_t tables_of_a_fork(Scene<Machine>& scene) {
  const std::uint32_t before = scene.machine().tables_in_use();
  scene.fork();
  const std::uint32_t tables = scene.machine().tables_in_use() - before;
  scene.exit_child();
  return tables;
}

// written: before each fork the parent has written every page again, so that fork finds its entries
// writable and protects them. Not so: they stayed as the last fork left them.
enum class Since : std::uint8_t { written, untouched };

// Both sides' tables are reused memory. The limit's source entries are written in the same loop as
// the parent's, its destination is zeroed when the child's tables are.
template <class Machine> class ForkPair : public Pair {
 public:
  ForkPair(std::uint32_t pages, Pages frames, Since since, Bytes bytes = Bytes::touched)
      : scene_(pages, frames, bytes),
        since_(since),
        from_(tables_of_a_fork(scene_)),
        to_(from_.size()) {
    demand(from_.size() >= tables_for(pages), "a fork copied fewer tables than the pages have");
  }

  void prepare() override {
    if (since_ == Since::written) scene_.write_again([&](std::uint32_t page) { fill(page); });
    else
      for (const std::uint32_t page : scene_.order()) fill(page);
  }
  double ours() override {
    return timed([&] { scene_.fork(); });
  }
  double limit() override {
    return timed([&] { copy_tables(to_, from_); });
  }
  void clean() override {
    scene_.exit_child();
    to_.clear();
  }

 private:
  void fill(std::uint32_t page) {
    reinterpret_cast<Entry*>(from_.at(page / kEntries))[page % kEntries] = page;
  }

  Scene<Machine> scene_;
  Since since_;
  BarePages from_, to_;
};

// paid: the child then writes a page below each last-level table, so that what a fork has put off
// is done, and its time counts too.
enum class Debt : std::uint8_t { owed, paid };

// Both forks are of a parent that has written every page since the last one. Too short for the
// processor-time clock.
template <class Ours, class Theirs> class TwoForks : public Pair {
 public:
  TwoForks(std::uint32_t our_pages, Bytes our_bytes, std::uint32_t their_pages, Debt debt)
      : ours_(our_pages, Pages::in_sequence, our_bytes),
        theirs_(their_pages, Pages::in_sequence),
        debt_(debt) {
    for (std::uint32_t page = 0; page < our_pages; page += kEntries) first_pages_.push_back(page);
  }

  double ours() override { return forked(ours_); }
  double limit() override { return forked(theirs_); }
  void clean() override {
    ours_.exit_child();
    theirs_.exit_child();
  }

 private:
  // Each right after its own writes: the other's would have cooled its caches.
  template <class M> double forked(Scene<M>& scene) const {
    scene.write_again(kNothingElse);
    return timed<WallTimer>([&] {
      scene.fork();
      if (debt_ == Debt::owed) return;
      access_all(scene.machine(), page_step(Op::write, kChild), first_pages_, Outcome::copied);
    });
  }

  Scene<Ours> ours_;
  Scene<Theirs> theirs_;
  Debt debt_;
  Order first_pages_;
};

}  // namespace cow::bench

// Taking a gigabyte of entries away, beside reading as many.
#pragma once

#include "bare.h"
#include "pair.h"
#include "scene.h"
#include "timers.h"

namespace cow::bench {

// The limit's entries are written in the same loop as the pages, so that both are as warm.

// Pages that nobody else maps: their frames are freed.
template <class Machine> class UnmapPair : public Pair {
 public:
  explicit UnmapPair(std::uint32_t pages) : scene_(pages, Pages::in_sequence), bare_(pages) {
    scene_.unmap();
  }

  void prepare() override {
    scene_.map();
    scene_.access_each(Op::write, [&](std::uint32_t page) { bare_.clear_entry(page); });
  }
  double ours() override {
    return timed([&] { scene_.unmap(); });
  }
  double limit() override {
    return timed([&] { bare_.read_all(); });
  }

 private:
  Scene<Machine> scene_;
  BareTables bare_;
};

// The exit of a child, each of whose pages the parent maps too.
template <class Machine> class ExitPair : public Pair {
 public:
  explicit ExitPair(std::uint32_t pages) : scene_(pages, Pages::in_sequence), bare_(pages) {}

  void prepare() override {
    scene_.write_again([&](std::uint32_t page) { bare_.clear_entry(page); });
    scene_.fork();
  }
  double ours() override {
    return timed([&] { scene_.exit_child(); });
  }
  double limit() override {
    return timed([&] { bare_.read_all(); });
  }

 private:
  Scene<Machine> scene_;
  BareTables bare_;
};

// The same where the child alone has the pages: it mapped them itself.
template <class Machine> class OwnExitPair : public Pair {
 public:
  explicit OwnExitPair(std::uint32_t pages)
      : machine_(Setup{}, measured_rules()), pages_(pages), bare_(pages) {}

  void prepare() override {
    must(machine_, process_step(Op::fork, kParent, kChild));
    must(machine_, range_step(Op::map, kChild, pages_));
    Step write = page_step(Op::write, kChild);
    for (std::uint32_t page = 0; page < pages_; ++page) {
      write.first = write.last = page;
      demand(machine_.run(write).outcome == Outcome::fresh, "a first write was not fresh");
      bare_.clear_entry(page);
    }
  }
  double ours() override {
    return timed([&] { must(machine_, process_step(Op::exit, kChild)); });
  }
  double limit() override {
    return timed([&] { bare_.read_all(); });
  }

 private:
  Machine machine_;
  std::uint32_t pages_;
  BareTables bare_;
};

}  // namespace cow::bench

// One process whose region's pages all have frames of their own, and what is done to it between
// measurements.
#pragma once

#include <cstdint>
#include <span>

#include "machines.h"
#include "orders.h"

namespace cow::bench {

inline constexpr Pid kParent{0}, kChild{1};

// Rows that write touch the pages' bytes; others may map more than there is memory for.
enum class Bytes : std::uint8_t { touched, reserved };

template <class Machine> class Scene {
 public:
  Scene(std::uint32_t pages, Pages frames, Bytes bytes = Bytes::touched)
      : order_(in_sequence(pages)), bytes_(bytes), machine_(Setup{}, measured_rules()) {
    map();
    const Order first_writes = order_of(frames, pages);
    if (touched())
      access_all(machine_, page_step(Op::write, kParent), first_writes, Outcome::fresh);
    else reserve_pages(machine_, kParent, Region{}, first_writes);
  }

  Machine& machine() { return machine_; }
  const Order& order() const { return order_; }
  std::uint32_t pages() const { return static_cast<std::uint32_t>(order_.size()); }
  bool touched() const { return bytes_ == Bytes::touched; }

  void map() { must(machine_, range_step(Op::map, kParent, pages())); }
  void unmap() { must(machine_, range_step(Op::unmap, kParent, pages())); }
  void discard() {
    Step step = range_step(Op::advise, kParent, pages());
    step.advice = Advice::dontneed;
    must(machine_, step);
  }
  void fork() { must(machine_, process_step(Op::fork, kParent, kChild)); }
  void exit_child() { must(machine_, process_step(Op::exit, kChild)); }

  // The parent's next access to each page, in sequence, and what a limit has to do for that page.
  template <class F> void access_each(Op op, F also) {
    Step step = page_step(op, kParent);
    for (const std::uint32_t page : order_) {
      step.first = step.last = page;
      demand(!refused(machine_.run(step).outcome), "an access was refused");
      also(page);
    }
  }
  // Makes every entry writable and dirty again, as a program's next writes do, and does for each
  // page what a limit has to.
  template <class F> void write_again(F also) {
    if (touched()) return access_each(Op::write, also);
    for (const std::uint32_t& page : order_) {
      reserve_pages(machine_, kParent, Region{}, std::span(&page, 1));
      also(page);
    }
  }

 private:
  Order order_;
  Bytes bytes_;
  Machine machine_;
};

inline constexpr auto kNothingElse = [](std::uint32_t) {};

}  // namespace cow::bench

// Steps of a few processes on a few pages.
#pragma once

#include <random>
#include <vector>

#include "cow/step.h"

namespace cow::par {

class RandomSteps {
 public:
  explicit RandomSteps(std::uint32_t seed) : random_(seed) {}

  // Three in five are accesses to a page that the prefix has written.
  Step any() {
    Step s;
    s.op = static_cast<Op>(pick(static_cast<std::uint32_t>(Op::sys_fail_table)));
    s.process = Pid{pick(3)};
    s.child = Pid{pick(3)};
    s.region = Region{pick(3)};
    if (s.op == Op::map) return map(s);
    s.first = pick(3);
    if (pick(5) < 3) {
      constexpr Op kOften[] = {Op::write, Op::write, Op::read, Op::fork, Op::pin, Op::advise};
      s.op = kOften[pick(6)];
      s.process = Pid{pick(2)};
      s.child = Pid{1 + pick(2)};
      s.region = Region{pick(2)};
      s.first = 0;
    }
    const bool range =
        s.op == Op::unmap || s.op == Op::protect || s.op == Op::advise || s.op == Op::uffd_wp;
    s.last = range ? s.first + pick(3) : s.first;
    s.cell = static_cast<std::uint8_t>(pick(2));
    s.value = static_cast<std::uint8_t>(pick(9));
    s.ref = Ref{pick(2)};
    s.prot = static_cast<Prot>(pick(3));
    if (s.op == Op::pin && s.prot == Prot::none) s.prot = Prot::ro;
    s.advice = static_cast<Advice>(pick(8));
    s.on = pick(3) != 0;
    if (s.op == Op::sys_ksm) s.to = Region{pick(3)}, s.at = pick(3);
    s.foll_pin = pick(2) != 0;
    s.longterm = pick(2) != 0;
    s.fast = pick(2) != 0;
    s.count = 1 + pick(3);
    return s;
  }
  // Two processes that share a private page and a file's, and some steps more.
  std::vector<Step> prefix() {
    std::vector<Step> steps;
    steps.push_back({.op = Op::map, .region = Region{0}, .count = 2});
    steps.push_back({.op = Op::map, .region = Region{1}, .backing = Backing::file, .count = 2});
    steps.push_back({.op = Op::write, .region = Region{0}, .value = 1});
    steps.push_back({.op = pick(2) == 0 ? Op::write : Op::read, .region = Region{1}, .value = 1});
    if (pick(2) == 0) steps.push_back({.op = Op::fork, .child = Pid{1}});
    for (std::uint32_t n = pick(4); n > 0; --n) steps.push_back(any());
    return steps;
  }

 private:
  std::uint32_t pick(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  Step map(Step s) {
    s.backing = static_cast<Backing>(pick(2));
    s.share = pick(3) == 0 ? Share::shared : Share::private_;
    s.count = 1 + pick(4);
    s.prot = pick(4) == 0 ? Prot::ro : Prot::rw;
    return s;
  }
  std::mt19937 random_;
};

}  // namespace cow::par

// Random steps over a small world: four processes, five regions of every sort, four references.
#pragma once

#include <random>

#include "steps.h"

namespace cow::test {

class RandomSteps {
 public:
  explicit RandomSteps(std::uint32_t seed) : random_(seed) {}

  static Setup setup(std::uint32_t seed) {
    Setup s = files(3, 9);
    if (seed % 4 == 0) s.frames = 3 + seed / 4 % 12;
    return s;
  }

  // Begins with every region mapped, for a step on what does not exist says little.
  Step operator()() {
    if (begun_ < 5) return map(P0, begun_++, Prot::rw);
    const Pid p{below(3) == 0 ? below(4) : below(2)};
    const At at{Region{below(5)}, below(4) == 0 ? below(kPages) : below(2),
                static_cast<std::uint8_t>(below(4))};
    const std::uint32_t last = below(3) == 0 ? at.page + below(kPages - at.page) : at.page;
    const Range range{at.region, at.page, last};
    const auto value = static_cast<std::uint8_t>(1 + below(200));
    const Ref ref{below(4)};
    const Prot prot = below(3) == 0 ? Prot::ro : Prot::rw;
    switch (below(32)) {
      case 0: return map(p, below(5), prot);
      case 3: return unmap(p, range);
      case 4:
      case 5: return protect(p, range, below(5) == 0 ? Prot::none : prot);
      case 6:
      case 7: return advise(p, range, Advice(below(5)));
      case 8:
      case 9:
      case 10: return fork(p, Pid{below(4)});
      case 11: return below(2) ? exit(p) : clear_refs(p);
      case 12: return force_read(p, at);
      case 13:
      case 14: return force_write(p, at, value);
      case 15:
      case 16:
      case 17: return pin(p, ref, at, prot, How(below(3)));
      case 18: return through(Op::ref_read, ref);
      case 19: return through(Op::ref_write, ref, value);
      case 20: return through(Op::unpin, ref);
      case 21: return sys_ref(p, at);
      case 22: return sys_unref(p, at);
      case 23: return fail(below(3) ? Op::sys_fail_alloc : Op::sys_fail_table, 1 + below(3));
      case 24:
      case 25:
      case 26: return read(p, at);
      default: return write(p, at, value);
    }
  }

 private:
  static constexpr std::uint32_t kPages = 4;

  static Step map(Pid p, std::uint32_t r, Prot prot) {
    if (r < 2) return map_anon(p, Region{r}, kPages, prot);
    if (r == 2) return map_anon(p, Region{r}, kPages, prot, Share::shared);
    if (r == 3) return map_file(p, Region{r}, kPages, Share::private_, 0, prot);
    return map_file(p, Region{r}, kPages, Share::shared, 1, prot);
  }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_()) % n; }

  std::mt19937 random_;
  std::uint32_t begun_ = 0;
};

}  // namespace cow::test

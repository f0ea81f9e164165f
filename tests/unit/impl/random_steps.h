// Random steps over a small world: four processes, five regions of every sort and one that only
// moved pages come to, four references.
#pragma once

#include <algorithm>
#include <array>
#include <random>

#include "steps.h"

namespace cow::test {

class RandomSteps {
 public:
  static constexpr std::uint32_t kMovedTo = 5;  // the region that remap alone fills

  // `far`: the first two regions are long, and their four pages lie in four tables, of which two
  // pairs have different tables above. `huge`: of the same two, three lie in one table, which may
  // be a huge page, and one after it.
  explicit RandomSteps(std::uint32_t seed, bool far = false, bool huge = false)
      : random_(seed), far_(far), huge_(huge) {}

  static Setup setup(std::uint32_t seed) {
    Setup s = files(3, 9);
    if (seed % 4 == 0) s.frames = 3 + seed / 4 % 12;
    return s;
  }

  // Begins with every region mapped, for a step on what does not exist says little.
  Step operator()() {
    if (begun_ < 5) return map(P0, begun_++, Prot::rw);
    const Pid p{below(3) == 0 ? below(4) : below(2)};
    At at{Region{below(12) == 0 ? kMovedTo : below(5)}, below(4) == 0 ? below(kPages) : below(2),
          static_cast<std::uint8_t>(below(4))};
    const std::uint32_t last = below(3) == 0 ? at.page + below(kPages - at.page) : at.page;
    const Range range{at.region, page(at.region, at.page), page(at.region, last)};
    at.page = range.first;
    // Often the same, so that pages are equal.
    const auto value = static_cast<std::uint8_t>(below(3) == 0 ? 7 : 1 + below(200));
    const Ref ref{below(4)};
    const Prot prot = below(3) == 0 ? Prot::ro : Prot::rw;
    switch (below(kSorts)) {
      case 0: return map(p, below(5), prot);
      case 3: return unmap(p, range);
      case 4:
      case 5: return protect(p, range, below(5) == 0 ? Prot::none : prot);
      case 6:
      case 7: return advise(p, range, Advice(below(huge_ ? 10 : 8)));
      case 8:
      case 9:
      case 10: return fork(p, Pid{below(4)});
      case 11: return below(2) ? exit(p) : clear_refs(p);
      case 12: return force_read(p, at);
      case 13:
      case 14: return force_write(p, at, value);
      case 15:
      case 16:
      case 17: {
        Step taken = pin(p, ref, at, prot, How(below(3)));
        taken.fast = at.cell % 2 != 0;
        return taken;
      }
      case 18: return through(Op::ref_read, ref);
      case 19: return through(Op::ref_write, ref, value);
      case 20: return through(Op::unpin, ref);
      case 21: return sys_ref(p, at);
      case 22: return sys_unref(p, at);
      case 23: return fail(below(3) ? Op::sys_fail_alloc : Op::sys_fail_table, 1 + below(3));
      case 24:
      case 25:
      case 26: return read(p, at);
      case 32:
      case 33: return remap(p, range, Region{below(kMovedTo + 1)});
      case 34: return lock(p, {range.region, range.first, std::min(range.last, range.first + 3)});
      case 35: return unlock(p, range);
      case 36:
      case 37: return sys_swapout(p, at);
      case 38: return sys_migrate(p, at);
      case 39: {
        const Region other{below(3)};
        return sys_ksm(p, at, Pid{below(2)}, {other, page(other, below(2)), 0});
      }
      case 40: return uffd_wp(p, range, below(2) != 0);
      default: return write(p, at, value);
    }
  }

 private:
  static constexpr std::uint32_t kPages = 4;
  static constexpr std::uint32_t kSorts = 46;  // from 41 on, writes

  Step map(Pid p, std::uint32_t r, Prot prot) const {
    if (r < 2) {
      Step anon = map_anon(p, Region{r}, page(Region{r}, kPages - 1) + 1, prot);
      anon.huge = huge_;
      return anon;
    }
    if (r == 2) return map_anon(p, Region{r}, kPages, prot, Share::shared);
    if (r == 3) return map_file(p, Region{r}, kPages, Share::private_, 0, prot);
    return map_file(p, Region{r}, kPages, Share::shared, 1, prot);
  }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_()) % n; }

  std::uint32_t page(Region r, std::uint32_t nth) const {
    constexpr std::array<std::uint32_t, kPages> kFar = {0, 511, 512, 600'000};
    constexpr std::array<std::uint32_t, kPages> kHuge = {0, 5, 511, 512};
    if (index(r) >= 2 && index(r) != kMovedTo) return nth;
    return far_ ? kFar[nth] : huge_ ? kHuge[nth] : nth;
  }

  std::mt19937 random_;
  bool far_, huge_;
  std::uint32_t begun_ = 0;
};

}  // namespace cow::test

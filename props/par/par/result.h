// What an execution of columns of steps came to: the result of each step, and the state at the end,
// in a form that does not depend on how a machine names its frames.
//
// An entry's young bit is left out: the processor sets it when it loads the entry into its TLB, and
// nobody is told when that is. So are counts of what nobody maps or refers to, but for the sums.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cow/outcome.h"
#include "cow/view.h"
#include "par/places.h"

namespace cow::par {

// One for each step of a column; columns of outcomes.
using Outcomes = std::vector<std::vector<Result>>;

struct End {
  Outcomes outcomes;
  std::vector<std::uint32_t> state;  // see describe()
  bool operator==(const End&) const = default;
  [[nodiscard]] std::uint64_t hash() const;
};

// Numbers frames in the order in which they are first seen.
class FrameNumbers {
 public:
  // The number, and whether this is the first time.
  std::pair<std::uint32_t, bool> of(Frame f) {
    const auto at = std::find(seen_.begin(), seen_.end(), f);
    const auto number = static_cast<std::uint32_t>(at - seen_.begin());
    if (at != seen_.end()) return {number, false};
    seen_.push_back(f);
    return {number, true};
  }

 private:
  std::vector<Frame> seen_;
};

inline constexpr std::uint32_t kNothing = 0xffffffff;

namespace detail {

inline void put_page(const PageView& page, std::vector<std::uint32_t>& out) {
  std::uint32_t cells = 0;
  for (const std::uint8_t cell : page.cells) cells = cells << 8 | cell;
  out.insert(out.end(),
             {static_cast<std::uint32_t>(page.ksm ? Kind::ksm : page.kind) << 1 |
                  (page.exclusive ? 1u : 0u),
              page.mapcount, page.pins, static_cast<std::uint32_t>(page.refcount), cells});
}

}  // namespace detail

// Of any machine that has the view of cow/view.h.
template <class Machine>
[[nodiscard]] std::vector<std::uint32_t> state_of(const Machine& machine, const Places& places) {
  std::vector<std::uint32_t> out;
  FrameNumbers numbers;
  const auto put_frame = [&](Frame f) {
    const auto [number, is_new] = numbers.of(f);
    out.push_back(number);
    if (is_new) detail::put_page(machine.page(f), out);
  };
  for (const Slot& s : places.slots) {
    const PteView e = machine.pte(s);
    out.push_back(static_cast<std::uint32_t>(e.mapped) | static_cast<std::uint32_t>(e.share) << 2 |
                  (e.present ? 8u : 0u) | (e.writable ? 16u : 0u) | (e.dirty ? 32u : 0u) |
                  (e.swapped ? 64u : 0u) | (e.frame != kNoFrame ? 128u : 0u));
    if (e.swapped) out.push_back(e.swapcount);
    if (e.frame != kNoFrame) put_frame(e.frame);
  }
  for (const Ref k : places.refs)
    if (const Frame f = machine.frame_of(k); f == kNoFrame) out.push_back(kNothing);
    else put_frame(f);
  for (std::uint32_t p = 0; p < places.processes; ++p) {
    if (!machine.alive(Pid{p})) {
      out.push_back(kNothing);
      continue;
    }
    const Rss rss = machine.rss(Pid{p});
    out.insert(out.end(), {rss.anon, rss.file, rss.shmem, rss.swap});
  }
  for (const Kind kind : {Kind::anon, Kind::file, Kind::shmem, Kind::ksm})
    out.push_back(machine.allocated(kind));
  return out;
}

template <class Machine>
[[nodiscard]] End end_of(const Machine& machine, const Places& places, Outcomes outcomes) {
  return {std::move(outcomes), state_of(machine, places)};
}

}  // namespace cow::par

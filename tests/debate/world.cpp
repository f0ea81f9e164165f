#include "world.h"

namespace cow::debate {
namespace {

constexpr std::uint32_t kHuge = 512;  // pages of 4 KiB in one of 2 MiB

std::vector<Step> not_swapped_out(const Step& step) {
  if (step.op == Op::sys_swapout) return {};
  return {step};
}
// The pages are there all the time, as a huge page's first touch brings them all.
std::vector<Step> on_small_pages(const Step& huge) {
  if (huge.op != Op::map && huge.op != Op::advise) return {huge};
  Step step = huge, write{.op = Op::write, .process = huge.process}, other = write;
  step.huge = false;
  other.first = other.last = 1;
  return {step, write, other};
}
std::vector<Step> with_pins(const Step& get) {
  Step step = get;
  if (step.op == Op::pin && step.prot == Prot::rw) step.foll_pin = true;
  return {step};
}

Step pin(Pid p, Ref k, Prot prot, bool foll_pin) {
  return {.op = Op::pin, .process = p, .ref = k, .prot = prot, .foll_pin = foll_pin};
}

// Simple steps come first: of equally short traces the first one is found.
class Steps {
 public:
  Steps(std::uint32_t pages, bool huge, std::uint32_t refs) : last_(pages - 1), refs_(refs) {
    all_.push_back({.op = Op::map, .count = pages, .huge = huge});
    for (const Pid p : kBoth) all_.push_back({.op = Op::write, .process = p, .value = 1});
    all_.push_back({.op = Op::fork, .child = Pid{1}});
    all_.push_back({.op = Op::fork, .process = Pid{1}, .child = Pid{0}});
    for (const Pid p : kBoth) {
      for (std::uint32_t k = 0; k < refs_; ++k) {
        for (const Prot prot : {Prot::ro, Prot::rw}) all_.push_back(pin(p, Ref{k}, prot, true));
        all_.push_back(pin(p, Ref{k}, Prot::ro, false));
      }
      all_.push_back({.op = Op::unmap, .process = p, .last = last_});
      all_.push_back({.op = Op::exit, .process = p});
      all_.push_back({.op = Op::advise, .process = p, .last = last_, .advice = Advice::dontneed});
      all_.push_back({.op = Op::sys_clear_refs, .process = p});
    }
    for (std::uint32_t k = 0; k < refs_; ++k) {
      all_.push_back({.op = Op::ref_write, .value = 2, .ref = Ref{k}});
      all_.push_back({.op = Op::unpin, .ref = Ref{k}});
    }
  }
  Steps& with_more() {
    for (const Pid p : kBoth) {
      all_.push_back({.op = Op::protect, .process = p, .last = last_, .prot = Prot::ro});
      all_.push_back({.op = Op::protect, .process = p, .last = last_, .prot = Prot::rw});
      all_.push_back({.op = Op::read, .process = p});
      all_.push_back({.op = Op::sys_ref, .process = p});
    }
    return *this;
  }
  Steps& with_swap() {
    for (const Pid p : kBoth) all_.push_back({.op = Op::sys_swapout, .process = p});
    return *this;
  }
  Steps& with_parts() {
    for (const Pid p : kBoth) {
      all_.push_back({.op = Op::write, .process = p, .first = 1, .last = 1, .value = 1});
      all_.push_back({.op = Op::unmap, .process = p});
      all_.push_back({.op = Op::advise, .process = p, .advice = Advice::dontneed});
    }
    return *this;
  }
  Steps& with_get_rw() {
    for (const Pid p : kBoth)
      for (std::uint32_t k = 0; k < refs_; ++k) all_.push_back(pin(p, Ref{k}, Prot::rw, false));
    return *this;
  }
  [[nodiscard]] std::vector<Step> all() const { return all_; }

 private:
  static constexpr Pid kBoth[] = {Pid{0}, Pid{1}};
  std::uint32_t last_, refs_;
  std::vector<Step> all_;
};

constexpr std::string_view kCommon =
    "map, write, read, fork, exit, unmap, protect ro and rw, dontneed, clear-refs; pins for "
    "reading "
    "and for writing, plain gets for reading, writes through them, unpin; stray references";

}  // namespace

const std::vector<World>& worlds() {
  static const std::vector<World> all = {
      {"Small pages, never in swap",
       kCommon,
       "",
       Steps(1, false, 2).with_more().all(),
       {0},
       nullptr,
       7},
      {"Small pages in swap",
       "those of the first table, and swap-out",
       "without the swap-outs",
       Steps(1, false, 2).with_more().with_swap().all(),
       {0},
       not_swapped_out,
       7,
       false},
      {"Plain read-write references",
       "those of the first table, and plain gets for writing",
       "with pins in place of the plain gets for writing",
       Steps(1, false, 2).with_more().with_get_rw().all(),
       {0},
       with_pins,
       5,
       true,
       false},
      {"Huge pages",
       "those of the first table up to clear-refs, and one reference, on 512 pages that `thp` maps "
       "as one; and a write to page 1, and an unmap and a dontneed of page 0 alone",
       "on small pages that are always there",
       Steps(kHuge, true, 1).with_parts().all(),
       {0, 1, 2},
       on_small_pages,
       6,
       false,
       false},
  };
  return all;
}

}  // namespace cow::debate

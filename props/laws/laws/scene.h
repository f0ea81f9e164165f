// What a machine shows at one moment, all of it: so that laws can speak of before and after.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cow/view.h"

namespace cow::laws {

// The names that a test case uses, as upper ends.
struct Bounds {
  std::uint32_t processes = 1, regions = 0, pages = 0, refs = 0;
};
Bounds bounds_of(const std::vector<Step>& steps);

struct Scene {
  Bounds bounds;
  std::vector<bool> alive;
  std::vector<std::uint32_t> lengths;  // pages of each region, by process and region
  std::vector<PteView> entries;        // by process, region and page
  std::vector<PageView> pages;         // by frame, up to the highest that was ever seen
  std::vector<Frame> refs;
  std::vector<Rss> rss;
  std::array<std::uint32_t, 6> allocated{};  // by Kind: anon, file, shmem, ksm

  [[nodiscard]] std::size_t place(const Slot& s) const {
    return (std::size_t{index(s.process)} * bounds.regions + index(s.region)) * bounds.pages +
           s.page;
  }
  [[nodiscard]] const PteView& at(const Slot& s) const {
    static const PteView nothing{};
    const bool known = index(s.process) < bounds.processes && index(s.region) < bounds.regions &&
                       s.page < bounds.pages;
    return known ? entries[place(s)] : nothing;
  }
  [[nodiscard]] const PageView& page(Frame f) const {
    static const PageView nothing{};
    return index(f) < pages.size() ? pages[index(f)] : nothing;
  }
  [[nodiscard]] const PageView& page_at(const Slot& s) const {
    static const PageView nothing{};
    return at(s).present ? page(at(s).frame) : nothing;
  }
  [[nodiscard]] bool lives(Pid p) const { return index(p) < alive.size() && alive[index(p)]; }
  // Of a region, in pages; 0: no such name.
  [[nodiscard]] std::uint32_t length(Pid p, Region r) const {
    const bool known = index(p) < bounds.processes && index(r) < bounds.regions;
    return known ? lengths[std::size_t{index(p)} * bounds.regions + index(r)] : 0;
  }
  // f(slot, entry) for every place.
  template <class F> void for_each(F f) const {
    std::size_t i = 0;
    for (std::uint32_t p = 0; p < bounds.processes; ++p)
      for (std::uint32_t r = 0; r < bounds.regions; ++r)
        for (std::uint32_t page = 0; page < bounds.pages; ++page, ++i)
          f(Slot{Pid{p}, Region{r}, page}, entries[i]);
  }
  [[nodiscard]] bool same_as(const Scene& other) const;
};

// An entry without what others have a part in: the slot's count, and whether its page is cached.
inline PteView alone(PteView entry) {
  entry.swapcount = 0;
  if (entry.swapped) entry.frame = kNoFrame;
  return entry;
}

// Looks at a machine with the interface of cow/view.h; `scene` keeps its memory and its bounds.
template <class Machine> void look(const Machine& machine, Scene& scene) {
  const Bounds& b = scene.bounds;
  scene.alive.assign(b.processes, false);
  scene.lengths.assign(std::size_t{b.processes} * b.regions, 0);
  scene.entries.assign(std::size_t{b.processes} * b.regions * b.pages, PteView{});
  scene.rss.assign(b.processes, Rss{});
  scene.refs.assign(b.refs, kNoFrame);
  std::uint32_t frames = static_cast<std::uint32_t>(scene.pages.size());
  const auto meet = [&](Frame f) {
    if (f != kNoFrame && index(f) >= frames) frames = index(f) + 1;
  };
  for (std::uint32_t p = 0; p < b.processes; ++p) {
    if (!machine.alive(Pid{p})) continue;
    scene.alive[p] = true;
    scene.rss[p] = machine.rss(Pid{p});
    for (std::uint32_t r = 0; r < b.regions; ++r) {
      const std::uint32_t length = machine.pages_in(Pid{p}, Region{r});
      scene.lengths[p * b.regions + r] = length;
      for (std::uint32_t page = 0; page < length && page < b.pages; ++page) {
        const Slot s{Pid{p}, Region{r}, page};
        const PteView view = machine.pte(s);
        meet(view.frame);
        scene.entries[scene.place(s)] = view;
      }
    }
  }
  for (std::uint32_t k = 0; k < b.refs; ++k) meet(scene.refs[k] = machine.frame_of(Ref{k}));
  scene.pages.resize(frames);
  for (std::uint32_t f = 0; f < frames; ++f) scene.pages[f] = machine.page(Frame{f});
  for (const Kind kind : {Kind::anon, Kind::file, Kind::shmem, Kind::ksm})
    scene.allocated[static_cast<std::size_t>(kind)] = machine.allocated(kind);
}

}  // namespace cow::laws

#include "par/places.h"

#include <algorithm>
#include <map>
#include <set>

#include "judge/watched.h"

namespace cow::par {
namespace {

using judge::Watched;

// The pages of a region that can have an entry.
void add_pages(const Step& step, std::set<std::uint32_t>& pages) {
  if (step.op == Op::map) {
    for (std::uint32_t page = 0; page < std::min(step.count, Watched::kAllPages); ++page)
      pages.insert(page);
  } else if (judge::names_place(step.op)) {
    pages.insert({step.first, step.last});
  }
}

}  // namespace

Places places_of(const std::vector<Step>& steps) {
  Places places;
  std::map<std::uint32_t, std::set<std::uint32_t>> pages;
  std::set<std::uint32_t> refs;
  for (const Step& step : steps) {
    places.processes = std::max({places.processes, index(step.process) + 1, index(step.child) + 1});
    if (step.op == Op::pin) refs.insert(index(step.ref));
    if (step.op == Op::map || judge::names_place(step.op))
      add_pages(step, pages[index(step.region)]);
    const std::uint32_t moved = std::min(step.last - step.first + 1, Watched::kAllPages);
    for (std::uint32_t page = 0; step.op == Op::remap && page < moved; ++page)
      pages[index(step.to)].insert(page);
    if (step.op == Op::sys_ksm) pages[index(step.to)].insert(step.at);
  }
  for (std::uint32_t p = 0; p < places.processes; ++p)
    for (const auto& [region, of_region] : pages)
      for (const std::uint32_t page : of_region)
        places.slots.push_back({Pid{p}, Region{region}, page});
  for (const std::uint32_t k : refs) places.refs.push_back(Ref{k});
  places.regions = pages.empty() ? 0 : pages.rbegin()->first + 1;
  return places;
}

}  // namespace cow::par

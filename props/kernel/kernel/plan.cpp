#include "kernel/plan.h"

#include <algorithm>
#include <numeric>

namespace cow::kernel {
namespace {

// Far from what programs, libraries, stacks and sanitizers use; regions never touch.
constexpr std::uint64_t kFirstAddress = std::uint64_t{1} << 45, kBoundary = std::uint64_t{16} << 20;

bool names_place(Op op) {
  return op <= Op::unlock || (op >= Op::read && op <= Op::pin) || op == Op::sys_ref ||
         op == Op::sys_unref;
}

void lay_out(Plan& plan) {
  std::uint64_t address = kFirstAddress;
  for (Place& place : plan.regions) {
    place.address = address;
    address += (place.longest * kPageSize / kBoundary + 1) * kBoundary;
    if (place.longest <= kWatchedWhole) {
      place.pages.resize(place.longest);
      std::iota(place.pages.begin(), place.pages.end(), 0);
    }
    std::sort(place.pages.begin(), place.pages.end());
    place.pages.erase(std::unique(place.pages.begin(), place.pages.end()), place.pages.end());
    place.row = plan.rows;
    plan.rows += place.pages.size();
  }
}

// The range may name pages that are nowhere: no region has more than `map` makes.
void add_destination(const Step& remap, Plan& plan) {
  const std::uint32_t pages = std::min(remap.last - remap.first, kMaxPages - 1) + 1;
  if (index(remap.to) >= plan.regions.size()) plan.regions.resize(index(remap.to) + 1);
  Place& place = plan.regions[index(remap.to)];
  place.longest = std::max(place.longest, pages);
  place.pages.insert(place.pages.end(), {0, pages - 1});
}

}  // namespace

Plan plan_of(const std::vector<Step>& steps) {
  Plan plan;
  for (const Step& s : steps) {
    plan.processes = std::max({plan.processes, index(s.process) + 1, index(s.child) + 1});
    plan.refs = std::max(plan.refs, index(s.ref) + 1);
    if (!names_place(s.op)) continue;
    if (index(s.region) >= plan.regions.size()) plan.regions.resize(index(s.region) + 1);
    Place& place = plan.regions[index(s.region)];
    if (s.op == Op::map) place.longest = std::max(place.longest, s.count);
    else place.pages.insert(place.pages.end(), {s.first, s.last});
    if (s.op == Op::remap) add_destination(s, plan);
  }
  for (Place& place : plan.regions)
    std::erase_if(place.pages, [&](std::uint32_t page) { return page >= place.longest; });
  lay_out(plan);
  return plan;
}

}  // namespace cow::kernel

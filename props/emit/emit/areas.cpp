#include "emit/areas.h"

#include <vector>

namespace cow::emit {

void Areas::take(const Step& step) {
  if (step.op == Op::map) mapped_[{step.process, step.region}] = step;
  if (step.op == Op::remap) move(step);
  if (step.op != Op::fork) return;
  std::vector<Step> inherited;
  for (const auto& [name, map] : mapped_)
    if (name.first == step.process) inherited.push_back(map);
  std::erase_if(mapped_, [&](const auto& entry) { return entry.first.first == step.child; });
  for (const Step& map : inherited) mapped_[{step.child, map.region}] = map;
}

void Areas::move(const Step& remap) {
  const Step* const from = find(remap.process, remap.region);
  if (from == nullptr) return;
  Step moved = *from;
  moved.region = remap.to;
  moved.count = remap.last - remap.first + 1;
  mapped_[{remap.process, remap.to}] = moved;
}

const Step* Areas::find(Pid process, Region region) const {
  const auto found = mapped_.find({process, region});
  return found == mapped_.end() ? nullptr : &found->second;
}

bool Areas::is_file(Pid process, Region region) const {
  const Step* map = find(process, region);
  return map != nullptr && map->backing == Backing::file;
}

}  // namespace cow::emit

#include "laws/scene.h"

#include <algorithm>

namespace cow::laws {

Bounds bounds_of(const std::vector<Step>& steps) {
  Bounds b;
  for (const Step& s : steps) {
    b.processes = std::max({b.processes, index(s.process) + 1, index(s.child) + 1});
    b.regions = std::max({b.regions, index(s.region) + 1, index(s.to) + 1});
    if (s.op == Op::map) b.pages = std::max(b.pages, std::min(s.count, 64u));
    b.refs = std::max(b.refs, index(s.ref) + 1);
  }
  return b;
}

bool Scene::same_as(const Scene& other) const {
  // Frames that one of them has not met are pages that it does not have.
  const auto& more = pages.size() > other.pages.size() ? pages : other.pages;
  const std::size_t common = std::min(pages.size(), other.pages.size());
  if (!std::equal(pages.begin(), pages.begin() + static_cast<std::ptrdiff_t>(common),
                  other.pages.begin()))
    return false;
  for (std::size_t f = common; f < more.size(); ++f)
    if (more[f].kind != Kind::none) return false;
  return alive == other.alive && lengths == other.lengths && entries == other.entries &&
         refs == other.refs && rss == other.rss && allocated == other.allocated;
}

}  // namespace cow::laws

// One look at every watched entry of a machine.
#pragma once

#include <vector>

#include "cow/view.h"
#include "judge/watched.h"

namespace cow::judge {

struct Seen {
  Slot slot;
  PteView entry;
};

// A private entry that shows a frame: only these show objects.
constexpr bool is_private(const PteView& e) { return e.present && e.share == Share::private_; }
constexpr bool shows_object(const PteView& e) { return is_private(e) || e.swapped; }

template <class Machine>
void scan(const Machine& machine, const Watched& watched, std::vector<Seen>& seen) {
  seen.clear();
  for (const std::vector<Slot>& row : watched.rows())
    for (const Slot& s : row) seen.push_back({s, machine.pte(s)});
}

}  // namespace cow::judge

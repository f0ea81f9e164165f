// A snapshot as text: a `.cowstate` with comments that say whose it is and what it cannot say.
#pragma once

#include <string>

#include "snapshot/take.h"

namespace cow::snapshot {

[[nodiscard]] std::string print(const Snapshot& snapshot);

}  // namespace cow::snapshot

// `cow snapshot`: writes the state of living processes, for `cow check`.
#pragma once

#include <string>
#include <vector>

namespace cow::snapshot {

int command_snapshot(std::vector<std::string> arguments);

}  // namespace cow::snapshot

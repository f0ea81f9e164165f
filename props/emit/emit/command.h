// `cow emit`: writes a trace as one C program.
#pragma once

#include <string>
#include <vector>

namespace cow::emit {

int command_emit(std::vector<std::string> arguments);

}  // namespace cow::emit

// The command `props` of the program.
#pragma once

#include <string>
#include <vector>

namespace cow::laws {

// Takes what follows the command's name; gives the exit status.
int command_props(std::vector<std::string> arguments);

}  // namespace cow::laws

// The command `prove` of the program.
#pragma once

#include <string>
#include <vector>

namespace cow::prove {

// Takes what follows the command's name; gives the exit status.
int command_prove(std::vector<std::string> arguments);

}  // namespace cow::prove

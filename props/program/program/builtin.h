// The commands that the program itself brings.
#pragma once

#include <string>
#include <vector>

namespace cow::program {

int command_check(std::vector<std::string> arguments);
int command_run(std::vector<std::string> arguments);
int command_kernel(std::vector<std::string> arguments);
int command_cite(std::vector<std::string> arguments);
int command_version(std::vector<std::string> arguments);
int command_help(std::vector<std::string> arguments);

}  // namespace cow::program

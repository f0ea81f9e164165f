#include "program/builtin.h"
namespace cow::program { int command_run(std::vector<std::string>) { return 2; } }

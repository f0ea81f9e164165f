// The subcommand `props` of the program.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace cow::laws {

// Adds the subcommand; the returned function runs it, and gives the exit status, once it was
// parsed.
std::function<int()> add_props_command(CLI::App& app);

}  // namespace cow::laws

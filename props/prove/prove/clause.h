// One clause as a formula.
#pragma once

#include <z3++.h>

#include <string>
#include <vector>

namespace cow::prove {

struct Clause {
  std::string name;            // of the registry
  std::vector<z3::expr> over;  // the constants it speaks about, any values
  z3::expr body;               // in the state that it was collected in
};

}  // namespace cow::prove

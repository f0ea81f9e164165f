// Makes a trace as short and plain as a person would type it.
#pragma once

#include <cstddef>
#include <functional>

#include "laws/words.h"

namespace cow::laws {

// How many of its steps a case needs to fail; 0 if it does not.
using Fails = std::function<std::size_t(const Case&)>;

// Always the same for the same case: steps go while it still fails, singly, in chunks and in pairs;
// names, pages and numbers become the lowest that will do. REQUIRES: the case fails.
Case shrink(Case failing, const Fails& fails);

}  // namespace cow::laws

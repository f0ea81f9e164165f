// The clauses, as docs/clauses.md states them, and where the sources name them.
#pragma once

#include <string_view>
#include <vector>

namespace cow::program {

struct Clause {
  std::string_view id;
  std::string_view title;
  std::string_view text;  // the rest of its section, without blank lines around it
  std::string_view specified, implemented, tested, proved;  // `FILE:LINE FILE:LINE …`, or empty
};

// In the order of docs/clauses.md. Generated at build time.
extern const std::vector<Clause> kClauses;

}  // namespace cow::program

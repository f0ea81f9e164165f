// What a fuzzer does where something does not hold: says it and stops.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

inline void require(bool holds, const char* what, const std::string& text) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n%s\n", what, text.c_str());
  std::abort();
}

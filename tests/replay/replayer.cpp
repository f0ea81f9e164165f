// `cow kernel` alone, as one static program, for machines that have nothing else.
#include <cstdio>
#include <exception>

#include "program/builtin.h"
#include "program/command.h"

int main(int argc, char** argv) {
  try {
    return cow::program::command_kernel({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "cow: %s\n", e.what());
    return cow::program::kCannot;
  }
}

// The one form in which every unusable input is reported.
#include "trace/error.h"

namespace cow::trace {

std::string format(const Error& error) {
  return error.file + ":" + std::to_string(error.line) + ":" + std::to_string(error.column) +
         ": error: " + error.message;
}

}  // namespace cow::trace

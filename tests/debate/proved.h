// What `cow prove` shows without bound: a cell that it empties, and the clauses. tests/debate/table
// asks `cow prove` whether it is so.
#pragma once

#include <string_view>

#include "search.h"

namespace cow::debate {

// One page's state in words; empty: not proved, or refuted.
constexpr std::string_view proved(std::string_view rules, Wrong wrong, bool with_swap) {
  const bool tracks = rules == "5.19" || rules == "6.15";
  const bool counts = tracks || rules == "5.18" || (rules == "5.14" && !with_swap);
  switch (wrong) {
    case Wrong::missed_write: return counts ? "ISO-1" : "";
    case Wrong::missed_device: return counts ? "ISO-1, PIN-1" : "";
    case Wrong::unnecessary: return "";
    case Wrong::wrong_rw: return tracks ? "COH-1" : "";
    case Wrong::wrong_ro: return tracks ? "COH-2" : "";
  }
  return "";
}

}  // namespace cow::debate

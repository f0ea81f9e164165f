// Which pages are shown to people: of memory with huge pages only those that the trace names, as
// the other pages of a huge page are like them.
#pragma once

#include <set>
#include <utility>

#include "cow/ids.h"
#include "trace/trace.h"

namespace cow::program {

class NamedPages {
 public:
  explicit NamedPages(const trace::Trace& trace);
  [[nodiscard]] bool leaves_some_out() const { return huge_; }
  [[nodiscard]] bool shows(const Slot& s) const {
    return !huge_ || named_.count({s.region, s.page}) != 0;
  }

 private:
  void note(const trace::Item& item);

  bool huge_ = false;
  std::set<std::pair<Region, std::uint32_t>> named_;  // of any process
};

inline constexpr const char* kNamedPagesOnly =
    "There are huge pages: of their pages those are shown that the trace names.\n";

}  // namespace cow::program

// Names for frames, f1, f2, … in the order in which they are first seen.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "cow/view.h"

namespace cow::program {

class FrameNames {
 public:
  // A freed frame loses its name: the number may come back as another page.
  void forget_freed(auto is_freed) {
    std::erase_if(named_, [&](const auto& n) { return is_freed(n.first); });
  }
  void forget_all() { named_.clear(); }
  std::string name(Frame f, Kind kind) {
    if (kind == Kind::zero) return "zero";
    for (const auto& [frame, number] : named_)
      if (frame == f) return "f" + std::to_string(number);
    named_.emplace_back(f, ++last_);
    return "f" + std::to_string(last_);
  }
  [[nodiscard]] const std::vector<std::pair<Frame, std::size_t>>& named() const { return named_; }

 private:
  std::vector<std::pair<Frame, std::size_t>> named_;
  std::size_t last_ = 0;
};

}  // namespace cow::program

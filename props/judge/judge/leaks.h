// Bytes that reached a frame which another object shows, until they are written over.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cow/ids.h"

namespace cow::judge {

class Leaks {
 public:
  [[nodiscard]] bool any() const { return any_; }
  // The number of the missed write whose byte the cell holds; 0: none.
  [[nodiscard]] std::uint32_t at(Frame f, std::uint8_t cell) const {
    return index(f) < rows_.size() ? rows_[index(f)][cell] : 0;
  }
  void leak(Frame f, std::uint8_t cell, std::uint32_t write) {
    any_ = true;
    row(f)[cell] = write;
  }
  void overwrite(Frame f, std::uint8_t cell) {
    if (any_) row(f)[cell] = 0;
  }
  void start_empty(Frame f) {
    if (any_) row(f) = {};
  }
  void copy(Frame from, Frame to) {
    if (!any_) return;
    const Row bytes = row(from);
    row(to) = bytes;
  }
  // The same leaks in a machine that calls the frame f rename(f).
  [[nodiscard]] Leaks renamed(auto rename) const {
    Leaks out;
    out.any_ = any_;
    for (std::uint32_t f = 0; f < rows_.size(); ++f)
      if (const Frame to = rename(Frame{f}); to != kNoFrame) out.row(to) = rows_[f];
    return out;
  }

 private:
  using Row = std::array<std::uint32_t, kCells>;
  Row& row(Frame f) {
    if (index(f) >= rows_.size()) rows_.resize(index(f) + 1);
    return rows_[index(f)];
  }
  std::vector<Row> rows_;
  bool any_ = false;
};

}  // namespace cow::judge

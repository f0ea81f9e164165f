// What threads that run at once may see, by the ideal machine: each private page of each process is
// an object of its own, and one cell of it is written by one thread at a time. So that thread knows
// what it reads, and everybody else knows between which two writes it lies.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "cow/ids.h"

namespace cow::stress {

// The writes of one thread to its cell of one page of one process, counted: the byte is the count's
// low eight bits.
struct Cell {
  std::atomic<std::uint32_t> begun{0};  // writes begun
  std::atomic<std::uint32_t> done{0};   // writes done
};

// May `byte` be read of a cell whose writer had done `from` writes before, and begun `to` after?
constexpr bool is_between(std::uint8_t byte, std::uint32_t from, std::uint32_t to) {
  return static_cast<std::uint8_t>(byte - from) <= to - from || to - from > 0xff;
}

// The cells of a process's pages, page by page.
class Shadow {
 public:
  explicit Shadow(std::uint32_t pages) : cells_(std::size_t{pages} * kCells) {}
  Cell& at(std::uint32_t page, unsigned cell) { return cells_[std::size_t{page} * kCells + cell]; }

 private:
  std::vector<Cell> cells_;
};

}  // namespace cow::stress

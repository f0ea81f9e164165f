// docs/debate.md, from what was found.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "witnesses.h"

namespace cow::debate {

struct Cell {
  const Witness* witness = nullptr;  // empty: nothing was found
  std::size_t steps = 0;
};
struct Row {
  std::array<Cell, kWrongs> cells;
  std::uint64_t states = 0;
};
struct Section {
  const World* world = nullptr;
  std::array<Row, kRules.size()> rows;
};
struct Page {
  std::vector<Section> sections;
  Cell by_mapcount_alone;  // where swap entries are not counted
};

[[nodiscard]] std::string text_of(const Page& page);

// What the page says of the cell, and of the states: to be looked at without searching.
[[nodiscard]] std::string link_in(const std::string& page, const World& world, std::size_t rule,
                                  std::size_t wrong);
[[nodiscard]] std::uint64_t states_in(const std::string& page, const World& world,
                                      std::size_t rule);

}  // namespace cow::debate

// What a search may do: the steps to choose from, and what those steps would be without the thing
// that the world is about.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "cow/step.h"

namespace cow::debate {

struct World {
  std::string_view name;            // of the section of the page
  std::string_view steps_in_words;  // what is searched
  std::string_view twin_in_words;   // empty: there is no twin
  std::vector<Step> steps;  // pins: of the reference of the lowest free name, and of the next
  std::vector<std::uint32_t> pages;  // of region a that may differ from one another
  // The same step without it.
  std::vector<Step> (*twin)(const Step&) = nullptr;
  int most = 0;           // steps that are searched where nothing is found
  bool is_cheap = true;   // to search: a check does it again
  bool is_proved = true;  // `cow prove` speaks of such steps
};

const std::vector<World>& worlds();

}  // namespace cow::debate

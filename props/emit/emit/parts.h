// The parts of C text that a program is put together from, and what each needs.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace cow::emit {

// By name: the text of parts/NAME.c. Generated at build time.
const std::map<std::string_view, std::string_view>& part_texts();

using Parts = std::set<std::string_view>;

// The text of these parts and of those that they need, each once, what is needed first.
std::string text_of(const Parts& parts);

}  // namespace cow::emit

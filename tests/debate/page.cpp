#include "page.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include "proved.h"
#include "trace/print.h"
#include "words.h"

namespace cow::debate {
namespace {

std::string heading(const World& world) { return "\n## " + std::string(world.name) + "\n"; }

std::string bounded(const World& world) {
  return "none in " + std::to_string(world.most) + " steps";
}

std::string cell_text(const Cell& cell, const World& world, std::size_t rule, std::size_t wrong) {
  if (cell.witness != nullptr)
    return "[" + cell.witness->trace.name + "](" + cell.witness->link + "), " +
           std::to_string(cell.steps) + " steps";
  const std::string_view clauses =
      world.is_proved ? proved(kRules[rule].name, static_cast<Wrong>(wrong), world.twin != nullptr)
                      : "";
  if (clauses.empty()) return bounded(world);
  return "inductive: " + std::string(clauses) + "; " + bounded(world);
}

std::string section_text(const Section& section) {
  const World& world = *section.world;
  std::string text = heading(world) + "\nSteps: " + std::string(world.steps_in_words) + ".";
  if (world.twin != nullptr)
    text += " A cell\nhas a trace only if the same steps " + std::string(world.twin_in_words) +
            " do not show the same.";
  text += std::string("\n\n") + kTableHead;
  for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
    text += "| " + std::string(kRules[rule].name) + " | " + predicate(rule) + " |";
    for (std::size_t i = 0; i < kWrongs; ++i)
      text += " " + cell_text(section.rows[rule].cells[i], world, rule, i) + " |";
    text += " " + std::to_string(section.rows[rule].states) + " |\n";
  }
  return text;
}

// Every witness once, as a file to paste.
std::string witnesses_text(const Page& page) {
  std::set<const Witness*> told;
  std::string text;
  const auto tell = [&](const Cell& cell) {
    if (cell.witness == nullptr || !told.insert(cell.witness).second) return;
    const trace::Trace& t = cell.witness->trace;
    text += "\n### " + t.name + "\n\n```\n" + trace::print(t) + "```\n";
  };
  for (const Section& section : page.sections)
    for (const Row& row : section.rows)
      for (const Cell& cell : row.cells) tell(cell);
  tell(page.by_mapcount_alone);
  return text;
}

// The cells of the world's row, blanks included; empty: there is none.
std::vector<std::string> row_in(const std::string& page, const World& world, std::size_t rule) {
  std::vector<std::string> cells;
  std::size_t at = page.find(heading(world));
  if (at == std::string::npos) return cells;
  at = page.find("\n| " + std::string(kRules[rule].name) + " |", at);
  if (at == std::string::npos) return cells;
  std::istringstream line(page.substr(at + 1, page.find('\n', at + 1) - at - 1));
  for (std::string cell; std::getline(line, cell, '|');) cells.push_back(cell);
  return cells;
}

constexpr std::size_t kBefore = 3;  // nothing, the rule set, the predicate

}  // namespace

std::string text_of(const Page& page) {
  std::string text = kAbove;
  for (const Section& section : page.sections) text += section_text(section);
  const Cell& alone = page.by_mapcount_alone;
  text += kObjections;
  text += "[" + alone.witness->trace.name + "](" + alone.witness->link + "), " +
          std::to_string(alone.steps) + " steps";
  return text + kAfterObjections + witnesses_text(page);
}

std::string link_in(const std::string& page, const World& world, std::size_t rule,
                    std::size_t wrong) {
  const std::vector<std::string> row = row_in(page, world, rule);
  if (row.size() <= kBefore + wrong) return "";
  const std::string& cell = row[kBefore + wrong];
  const std::size_t from = cell.find("](");
  if (from == std::string::npos) return "";
  return cell.substr(from + 2, cell.find(')', from) - from - 2);
}

std::uint64_t states_in(const std::string& page, const World& world, std::size_t rule) {
  const std::vector<std::string> row = row_in(page, world, rule);
  return row.size() <= kBefore + kWrongs
             ? 0
             : std::strtoull(row[kBefore + kWrongs].c_str(), nullptr, 10);
}

}  // namespace cow::debate

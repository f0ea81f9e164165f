// `cow cite`: a clause's text and sources, and where it is specified, implemented, tested, proved.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "program/builtin.h"
#include "program/clause.h"
#include "program/command.h"

namespace cow::program {
namespace {

const Clause* find_clause(const std::string& id) {
  for (const Clause& c : kClauses)
    if (c.id == id) return &c;
  return nullptr;
}

// `FILE:LINE, LINE` a row; generated tests by the hundred are counted.
void print_places(const char* what, std::string_view places) {
  constexpr std::size_t kRows = 8;
  std::vector<std::string> rows;
  std::string_view last_file;
  while (!places.empty()) {
    const std::string_view place = places.substr(0, places.find(' '));
    places.remove_prefix(std::min(place.size() + 1, places.size()));
    const std::size_t colon = place.rfind(':');
    if (place.substr(0, colon) == last_file)
      rows.back() += fmt::format(", {}", place.substr(colon + 1));
    else rows.emplace_back(place);
    last_file = place.substr(0, colon);
  }
  if (rows.empty()) rows.emplace_back("-");
  const std::size_t shown = rows.size() > kRows ? kRows - 1 : rows.size();
  for (std::size_t i = 0; i < shown; ++i) fmt::print("  {:<12} {}\n", i == 0 ? what : "", rows[i]);
  if (shown < rows.size()) fmt::print("  {:<12} … and {} more files\n", "", rows.size() - shown);
}

void print_clause(const Clause& c) {
  fmt::print("{} {}\n\n", c.id, c.title);
  if (!c.text.empty()) fmt::print("{}\n\n", c.text);
  print_places("Specified:", c.specified);
  print_places("Implemented:", c.implemented);
  print_places("Tested:", c.tested);
  print_places("Proved:", c.proved);
}

}  // namespace

int command_cite(std::vector<std::string> arguments) {
  std::vector<std::string> ids;
  CLI::App app{
      "Prints clauses: their text and sources, and where they are specified, implemented,\n"
      "tested and proved. Without CLAUSE: lists all.",
      "cow cite"};
  app.add_option("CLAUSE", ids, "a clause, as ISO-1");
  if (const auto status = parse(app, std::move(arguments))) return *status;
  bool known = true;
  for (const std::string& id : ids) {
    if (find_clause(id) != nullptr) continue;
    fmt::print(stderr, "cow cite: unknown clause '{}'; `cow cite` lists all\n", id);
    known = false;
  }
  if (!known) return kUnusable;
  if (ids.empty())
    for (const Clause& c : kClauses) fmt::print("{:<9} {}\n", c.id, c.title);
  for (const std::string& id : ids) {
    if (&id != &ids.front()) fmt::print("\n");
    print_clause(*find_clause(id));
  }
  return kAsExpected;
}

}  // namespace cow::program

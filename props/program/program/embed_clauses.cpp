// Run at build time: reads docs/clauses.md and the sources, writes kClauses as C++.
//
// usage: embed_clauses SOURCE-ROOT OUTPUT.cpp
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Section {
  std::string id, title, text;
};
// For each clause id that a line names: `FILE:LINE`.
using Places = std::map<std::string, std::vector<std::string>>;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_upper(c) || is_digit(c) || c == '_' || (c >= 'a' && c <= 'z'); }

// The ids in a line: letters, a hyphen, digits, and no word character around them.
std::vector<std::string> ids_in(const std::string& line) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (!is_upper(line[i]) || (i > 0 && is_word(line[i - 1]))) continue;
    std::size_t j = i;
    while (j < line.size() && is_upper(line[j])) ++j;
    if (j == line.size() || line[j] != '-') continue;
    std::size_t end = j + 1;
    while (end < line.size() && is_digit(line[end])) ++end;
    if (end > j + 1 && (end == line.size() || !is_word(line[end])))
      ids.push_back(line.substr(i, end - i));
  }
  return ids;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \n") - first + 1);
}

// `### ID title` begins a clause; any other heading ends it.
std::vector<Section> read_sections(const fs::path& file) {
  std::vector<Section> sections;
  std::ifstream in(file);
  std::string line;
  bool inside = false;
  while (std::getline(in, line)) {
    if (line.rfind('#', 0) == 0) {
      const std::vector<std::string> ids = ids_in(line);
      inside = line.rfind("### ", 0) == 0 && !ids.empty() && line.find(ids.front()) == 4;
      if (inside)
        sections.push_back({ids.front(), trimmed(line.substr(4 + ids.front().size())), ""});
    } else if (inside) {
      sections.back().text += line + "\n";
    }
  }
  return sections;
}

void scan_file(const fs::path& root, const fs::path& file, Places& places) {
  std::ifstream in(file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number)
    for (const std::string& id : ids_in(line)) {
      auto& all = places[id];
      const std::string place =
          fs::relative(file, root).generic_string() + ":" + std::to_string(number);
      if (all.empty() || all.back() != place) all.push_back(place);
    }
}

Places scan(const fs::path& root, const std::string& folder) {
  Places places;
  std::vector<fs::path> files;
  if (fs::exists(root / folder))
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string kind = entry.path().extension().string();
      if (entry.is_regular_file() && (kind == ".h" || kind == ".cpp" || kind == ".cow"))
        files.push_back(entry.path());
    }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) scan_file(root, file, places);
  return places;
}

std::string joined(const Places& places, const std::string& id) {
  std::string text;
  const auto found = places.find(id);
  if (found == places.end()) return text;
  for (const std::string& place : found->second) text += (text.empty() ? "" : " ") + place;
  return text;
}

// A string literal, in pieces: compilers bound the length of one.
std::string literal(const std::string& text) {
  std::string out = "\"";
  std::size_t column = 0;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
    if (++column % 90 == 0) out += "\"\n     \"";
  }
  return out + "\"";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: embed_clauses SOURCE-ROOT OUTPUT.cpp\n";
    return 2;
  }
  const fs::path root = argv[1];
  const Places specified = scan(root, "spec"), implemented = scan(root, "impl"),
               tested = scan(root, "tests");
  Places proved = scan(root, "props/prove");
  scan_file(root, root / "spec/machine/spec/invariants.h", proved);  // the clauses as formulas
  std::ostringstream out;
  out << "// Generated from docs/clauses.md and the sources.\n#include \"program/clause.h\"\n\n"
      << "namespace cow::program {\n\nconst std::vector<Clause> kClauses = {\n";
  for (const Section& s : read_sections(root / "docs" / "clauses.md"))
    out << "    {" << literal(s.id) << ", " << literal(s.title) << ",\n     "
        << literal(trimmed(s.text)) << ",\n     " << literal(joined(specified, s.id)) << ",\n     "
        << literal(joined(implemented, s.id)) << ",\n     " << literal(joined(tested, s.id))
        << ",\n     " << literal(joined(proved, s.id)) << "},\n";
  out << "};\n\n}  // namespace cow::program\n";
  std::ofstream(argv[2]) << out.str();
  return 0;
}

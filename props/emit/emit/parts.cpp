#include "emit/parts.h"

#include <vector>

namespace cow::emit {
namespace {

struct Needs {
  std::string_view part;
  std::vector<std::string_view> needs;
};

// In the order in which they stand in a program.
const std::vector<Needs>& all_parts() {
  static const std::vector<Needs> all = {
      {"skip", {}},
      {"judge", {"skip"}},
      {"outcome", {"judge"}},
      {"value", {"judge"}},
      {"by_rule", {}},
      {"rule", {}},
      {"processes", {"rule"}},
      {"step", {"processes"}},
      {"in_starter", {}},
      {"fork", {"processes"}},
      {"end", {"processes"}},
      {"place", {}},
      {"areas", {}},
      {"sight", {}},
      {"touch", {"processes"}},
      {"drain", {}},
      {"still_mapped", {"areas"}},
      {"map_anon", {"place", "areas", "still_mapped"}},
      {"files", {}},
      {"map_file", {"files", "place", "areas", "still_mapped"}},
      {"unmap", {"place"}},
      {"has_hole", {"place"}},
      {"protect", {"has_hole", "drain"}},
      {"advise", {"has_hole"}},
      {"remap", {"has_hole", "still_mapped"}},
      {"lock", {"has_hole", "drain"}},
      {"unlock", {"has_hole"}},
      {"access", {"areas", "sight", "place", "drain"}},
      {"read_cell", {"access", "touch"}},
      {"write_cell", {"access", "touch"}},
      {"force", {"access"}},
      {"force_read", {"force"}},
      {"force_write", {"force"}},
      {"clear_refs", {"sight"}},
      {"pipe", {"place", "drain"}},
      {"pipe_read", {"pipe", "in_starter"}},
      {"pipe_unpin", {"pipe", "in_starter"}},
      {"ring", {"place", "drain"}},
      {"ring_io", {"ring"}},
      {"ring_read", {"ring_io", "in_starter"}},
      {"ring_write", {"ring_io", "in_starter"}},
      {"ring_unpin", {"ring", "in_starter"}},
      {"look", {"sight", "place"}},
      {"look_at_cell", {"sight", "place", "touch"}},
      {"frames", {"look", "judge"}},
      {"page_word", {}},
      {"mapcount", {"look", "page_word", "judge"}},
      {"kind", {"look", "page_word", "judge"}},
  };
  return all;
}

}  // namespace

std::string text_of(const Parts& parts) {
  Parts wanted = parts;
  // What a part needs stands before it.
  for (auto part = all_parts().rbegin(); part != all_parts().rend(); ++part)
    if (wanted.contains(part->part)) wanted.insert(part->needs.begin(), part->needs.end());
  std::string text;
  for (const Needs& part : all_parts())
    if (wanted.contains(part.part)) {
      text += "\n";
      text += part_texts().at(part.part);
    }
  return text;
}

}  // namespace cow::emit

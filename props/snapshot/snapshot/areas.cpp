#include "snapshot/areas.h"

#include <sstream>

namespace cow::snapshot {
namespace {

// `7f00-8f00 rw-p 00000000 08:01 1234    /path with blanks`
bool parse_area(const std::string& line, Area& area) {
  std::istringstream words(line);
  char dash = 0;
  std::string allows, offset, device, inode;
  words >> std::hex >> area.begin >> dash >> area.end >> allows >> offset >> device >> inode;
  if (!words || dash != '-' || allows.size() != 4 || area.begin >= area.end) return false;
  area.may_write = allows[1] == 'w';
  area.share = allows[3] == 's' ? Share::shared : Share::private_;
  std::getline(words >> std::ws, area.shows);
  return true;
}

}  // namespace

std::vector<Area> parse_areas(const std::string& maps) {
  std::vector<Area> areas;
  std::istringstream lines(maps);
  for (std::string line; std::getline(lines, line);)
    if (Area area; parse_area(line, area)) areas.push_back(std::move(area));
  return areas;
}

bool is_kernels_own(const Area& area) { return area.shows.starts_with("[v"); }

bool is_shmem(const Area& area) {
  for (const char* start : {"/dev/zero (deleted)", "/memfd:", "/SYSV", "/dev/shm/"})
    if (area.shows.starts_with(start)) return true;
  return false;
}

}  // namespace cow::snapshot

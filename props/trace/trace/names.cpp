// Names and ids.
#include "trace/names.h"

namespace cow::trace {
namespace {

template <class Id, class Map>
Id intern(Map& map, std::vector<std::string>& spelled, std::string_view name) {
  const auto known = map.find(name);
  if (known != map.end()) return known->second;
  const Id id{static_cast<std::uint32_t>(spelled.size())};
  spelled.emplace_back(name);
  map.emplace(name, id);
  return id;
}

}  // namespace

Pid Names::process(std::uint32_t number) {
  const Pid next{static_cast<std::uint32_t>(table_.processes.size())};
  const auto [at, is_new] = processes_.emplace(number, next);
  if (is_new) table_.processes.push_back(number);
  return at->second;
}

Region Names::region(std::string_view name) {
  return intern<Region>(regions_, table_.regions, name);
}

Ref Names::ref(std::string_view name) { return intern<Ref>(refs_, table_.refs, name); }

std::optional<File> Names::declare(std::string_view name) {
  if (file(name)) return std::nullopt;
  return intern<File>(files_, table_.files, name);
}

std::optional<File> Names::file(std::string_view name) const {
  const auto known = files_.find(name);
  if (known == files_.end()) return std::nullopt;
  return known->second;
}

}  // namespace cow::trace

// Gives each name its dense id, in the order of first use.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "trace/trace.h"

namespace cow::trace {

class Names {
 public:
  // REQUIRES: the table outlives this and holds P0 alone.
  explicit Names(NameTable& table) : table_(table) { processes_[0] = Pid{0}; }

  Pid process(std::uint32_t number);
  Region region(std::string_view name);
  Ref ref(std::string_view name);
  // Nothing if the file was declared already.
  std::optional<File> declare(std::string_view name);
  [[nodiscard]] std::optional<File> file(std::string_view name) const;
  [[nodiscard]] const NameTable& table() const { return table_; }

 private:
  template <class Id> using Map = std::map<std::string, Id, std::less<>>;

  NameTable& table_;
  std::map<std::uint32_t, Pid> processes_;
  Map<Region> regions_;
  Map<Ref> refs_;
  Map<File> files_;
};

}  // namespace cow::trace

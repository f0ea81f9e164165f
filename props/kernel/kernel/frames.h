// Which frame of the kernel stands for which of the specification. Only equality means something:
// one frame here is one frame there, for as long as the specification's lives.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "cow/ids.h"

namespace cow::kernel {

class FramePairs {
 public:
  // What a frame that both show at one place says. Nothing: it fits.
  enum class Clash : std::uint8_t { kernel_moved, kernel_shares };
  std::optional<Clash> meet(Frame spec, std::uint64_t real) {
    if (index(spec) >= real_.size()) real_.resize(index(spec) + 1);
    std::uint64_t& known = real_[index(spec)];
    if (known == real) return std::nullopt;
    if (const auto at = spec_.find(real); at != spec_.end()) return Clash::kernel_shares;
    if (known != 0) return Clash::kernel_moved;
    known = real;
    spec_.emplace(real, spec);
    return std::nullopt;
  }
  // A frame that was freed may come back as another page, on either side.
  void forget_freed(auto is_freed) {
    for (std::uint32_t f = 0; f < real_.size(); ++f) {
      if (real_[f] == 0 || !is_freed(Frame{f})) continue;
      spec_.erase(real_[f]);
      real_[f] = 0;
    }
  }
  [[nodiscard]] bool known(Frame spec) const {
    return index(spec) < real_.size() && real_[index(spec)] != 0;
  }

 private:
  std::vector<std::uint64_t> real_;  // by frame of the specification; 0: not seen yet
  std::unordered_map<std::uint64_t, Frame> spec_;
};

}  // namespace cow::kernel

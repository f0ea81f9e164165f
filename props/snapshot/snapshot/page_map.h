// What the kernel shows of page tables and pages: /proc/PID/pagemap, /proc/kpagecount and
// /proc/kpageflags.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trace/trace.h"

namespace cow::snapshot {

// One entry of pagemap. Without CAP_SYS_ADMIN the kernel shows no frame.
struct MapEntry {
  std::uint64_t bits = 0;

  [[nodiscard]] bool present() const { return (bits >> 63 & 1) != 0; }
  [[nodiscard]] bool is_swap() const { return (bits >> 62 & 1) != 0 && !present(); }
  [[nodiscard]] bool shows_cache() const { return (bits >> 61 & 1) != 0; }
  [[nodiscard]] bool mapped_once() const { return (bits >> 56 & 1) != 0; }
  [[nodiscard]] std::uint64_t frame() const { return present() ? bits & kLow55 : 0; }
  [[nodiscard]] std::uint64_t swap_type() const { return bits & 0x1f; }
  [[nodiscard]] std::uint64_t swap_slot() const { return bits & kLow55; }
  bool operator==(const MapEntry&) const = default;

 private:
  static constexpr std::uint64_t kLow55 = (std::uint64_t{1} << 55) - 1;
};

// A file of 64-bit words under /proc, open for as long as this lives.
class WordFile {
 public:
  explicit WordFile(const std::string& path);
  ~WordFile();
  WordFile(const WordFile&) = delete;
  WordFile& operator=(const WordFile&) = delete;

  [[nodiscard]] bool is_open() const { return file_ >= 0; }
  [[nodiscard]] int why() const { return errno_; }
  // Word `index` and those behind it; fewer than `count` where the file ends or an error stops it.
  [[nodiscard]] std::vector<std::uint64_t> read(std::uint64_t index, std::size_t count) const;

 private:
  int file_ = -1;
  int errno_ = 0;
};

// What /proc/kpagecount and /proc/kpageflags say of a frame; nothing where they are closed to us.
struct FrameFacts {
  std::optional<trace::PageKind> kind;
  std::optional<std::uint32_t> mapcount;
  bool swapcache = false;
};

class Frames {
 public:
  Frames();
  [[nodiscard]] bool visible() const { return counts_.is_open() && flags_.is_open(); }
  [[nodiscard]] FrameFacts facts(std::uint64_t frame) const;

 private:
  WordFile counts_, flags_;
  bool ksm_is_used_;
};

// Whether KSM has merged anything. Where it has not, an anonymous page is no KSM page.
[[nodiscard]] bool ksm_is_used();
// How many swap areas there are: an entry of a higher type is none of swap.
[[nodiscard]] std::uint64_t swap_areas();

}  // namespace cow::snapshot

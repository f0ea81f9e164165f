// Two machines show the same of everything, but for the numbers of their frames: a page of one is
// always the same page of the other.
#pragma once

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "cow/ids.h"
#include "cow/view.h"

namespace cow::test {

inline std::string words(const PteView& v) {
  std::ostringstream out;
  out << "mapped " << int(v.mapped) << " present " << v.present << " writable " << v.writable
      << " dirty " << v.dirty << " young " << v.young << " huge " << v.huge;
  return out.str();
}
inline std::string words(const PageView& v) {
  std::ostringstream out;
  out << "kind " << int(v.kind) << " exclusive " << v.exclusive << " mapcount " << v.mapcount
      << " pins " << v.pins << " refcount " << v.refcount << " cells";
  for (const auto cell : v.cells) out << ' ' << int(cell);
  return out.str();
}

template <class Left, class Right> class SameFacts {
 public:
  static constexpr std::uint32_t kNames = 6;  // of each sort are looked at

  // What differs first.
  std::optional<std::string> differ(const Left& left, const Right& right) {
    pairs_.clear();
    back_.clear();
    for (std::uint32_t p = 0; p < kNames; ++p)
      if (auto wrong = process(left, right, Pid{p})) return "P" + std::to_string(p) + ": " + *wrong;
    for (std::uint32_t n = 0; n < kNames; ++n)
      if (auto wrong = frame(left, right, left.frame_of(Ref{n}), right.frame_of(Ref{n})))
        return "reference " + std::to_string(n) + ": " + *wrong;
    for (const Kind kind : {Kind::anon, Kind::file, Kind::shmem})
      if (left.allocated(kind) != right.allocated(kind))
        return "allocated of kind " + std::to_string(int(kind)) + ": " +
               std::to_string(left.allocated(kind)) + " and " +
               std::to_string(right.allocated(kind));
    return std::nullopt;
  }

 private:
  using Wrong = std::optional<std::string>;

  Wrong process(const Left& left, const Right& right, Pid p) {
    if (left.alive(p) != right.alive(p)) return "alive differs";
    const Rss l = left.rss(p), r = right.rss(p);
    if (l != r) return "rss " + std::to_string(l.anon) + " and " + std::to_string(r.anon);
    for (std::uint32_t n = 0; n < kNames; ++n)
      if (auto wrong = region(left, right, p, Region{n}))
        return "region " + std::to_string(n) + " " + *wrong;
    return std::nullopt;
  }

  Wrong region(const Left& left, const Right& right, Pid p, Region r) {
    if (left.pages_in(p, r) != right.pages_in(p, r)) return "has other lengths";
    const auto* areas = left.areas(p, r);
    if (areas != nullptr && *areas != *right.areas(p, r)) return "has other areas";
    std::vector<std::uint32_t> present[2];
    left.for_each_present(p, r, [&](auto page, const PteView&) { present[0].push_back(page); });
    right.for_each_present(p, r, [&](auto page, const PteView&) { present[1].push_back(page); });
    if (present[0] != present[1]) return "has other pages";
    for (const std::uint32_t page : present[0]) {
      PteView l = left.pte({p, r, page}), s = right.pte({p, r, page});
      if (auto wrong = frame(left, right, l.frame, s.frame))
        return "page " + std::to_string(page) + " " + *wrong;
      l.frame = s.frame;
      if (l != s) return "page " + std::to_string(page) + ": " + words(l) + ", " + words(s);
    }
    return std::nullopt;
  }

  Wrong frame(const Left& left, const Right& right, Frame l, Frame r) {
    if ((l == kNoFrame) != (r == kNoFrame)) return "has no frame in one";
    if (l == kNoFrame) return std::nullopt;
    const auto [to, fresh] = pairs_.emplace(l, r);
    const auto [from, also] = back_.emplace(r, l);
    if (to->second != r || from->second != l) return "has another frame";
    if (!fresh && !also) return std::nullopt;
    const PageView one = left.page(l), other = right.page(r);
    if (one != other) return "page " + words(one) + ", " + words(other);
    return std::nullopt;
  }

  std::map<Frame, Frame> pairs_, back_;
};

}  // namespace cow::test

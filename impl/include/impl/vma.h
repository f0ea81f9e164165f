// Areas (VMAs): maximal runs of a region's pages with equal flags and one anon_vma state. How they
// split and merge is visible, because fork copies nothing of an area without an anon_vma (FORK-5).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "impl/decisions.h"

namespace cow::impl {

struct Area {
  std::uint32_t first = 0, end = 0;  // pages of the region, end not included
  VmFlags flags = 0;
  AnonVma anon_vma = AnonVma::none;
  bool operator==(const Area&) const = default;
};
using Areas = std::vector<Area>;  // sorted, disjoint

// The area that covers `page`, or else the first one after it.
inline std::size_t area_at(const Areas& areas, std::uint32_t page) {
  if (!areas.empty() && page < areas[0].end) return 0;
  const auto ends_after = [](const Area& a, std::uint32_t p) { return a.end <= p; };
  const auto it = std::lower_bound(areas.begin(), areas.end(), page, ends_after);
  return static_cast<std::size_t>(it - areas.begin());
}
inline Area* find_area(Areas& areas, std::uint32_t page) {
  const std::size_t i = area_at(areas, page);
  return i < areas.size() && areas[i].first <= page ? &areas[i] : nullptr;
}
inline const Area* find_area(const Areas& areas, std::uint32_t page) {
  return find_area(const_cast<Areas&>(areas), page);
}
inline bool any_mapped(const Areas& areas, std::uint32_t first, std::uint32_t end) {
  const std::size_t i = area_at(areas, first);
  return i < areas.size() && areas[i].first < end;
}
inline bool all_mapped(const Areas& areas, std::uint32_t first, std::uint32_t end) {
  std::uint32_t at = first;
  for (std::size_t i = area_at(areas, first); at < end; ++i) {
    if (i == areas.size() || areas[i].first > at) return false;
    at = areas[i].end;
  }
  return true;
}

// Does any area of [first, end) have one of the flags?
inline bool any_has(const Areas& areas, std::uint32_t first, std::uint32_t end, VmFlags flags) {
  for (std::size_t i = area_at(areas, first); i < areas.size() && areas[i].first < end; ++i)
    if (vm_has(areas[i].flags, flags)) return true;
  return false;
}

// munmap splits and never merges. REQUIRES: room for one more area.
inline void remove_range(Areas& areas, std::uint32_t first, std::uint32_t end) {
  std::size_t i = area_at(areas, first);
  if (i < areas.size() && areas[i].first < first) {
    Area rest = areas[i];
    areas[i].end = first;
    ++i;
    if (rest.end > end) {
      rest.first = end;
      areas.insert(areas.begin() + static_cast<std::ptrdiff_t>(i), rest);
      return;
    }
  }
  std::size_t gone = i;
  while (gone < areas.size() && areas[gone].end <= end) ++gone;
  if (gone < areas.size() && areas[gone].first < end) areas[gone].first = end;
  areas.erase(areas.begin() + static_cast<std::ptrdiff_t>(i),
              areas.begin() + static_cast<std::ptrdiff_t>(gone));
}

// mremap, into a region without areas, whose page 0 `first` becomes: each area goes with its flags
// and its anon_vma. REQUIRES: room for one more area here, and there for as many as are here.
inline void move_range(Areas& from, Areas& to, std::uint32_t first, std::uint32_t end) {
  for (std::size_t i = area_at(from, first); i < from.size() && from[i].first < end; ++i) {
    Area moved = from[i];
    moved.first = std::max(moved.first, first) - first;
    moved.end = std::min(moved.end, end) - first;
    to.push_back(moved);
  }
  remove_range(from, first, end);
}

namespace detail {

constexpr AnonVma either(AnonVma a, AnonVma b) { return a != AnonVma::none ? a : b; }
constexpr bool mergeable(const RuleBits<bool>& rules, AnonVma piece, AnonVma neighbour) {
  return anon_vmas_mergeable(rules, static_cast<std::uint8_t>(piece),
                             static_cast<std::uint8_t>(neighbour));
}

inline void split_out(Areas& areas, std::size_t i, const Area& piece) {
  const Area old = areas[i];
  areas[i] = piece;
  const auto at = [&](std::size_t k) { return areas.begin() + static_cast<std::ptrdiff_t>(k); };
  if (piece.end < old.end)
    areas.insert(at(i + 1), Area{piece.end, old.end, old.flags, old.anon_vma});
  if (old.first < piece.first)
    areas.insert(at(i), Area{old.first, piece.first, old.flags, old.anon_vma});
}

// Takes `piece` out of areas[i], which stays with what is left of it, if anything.
inline void shrink(Areas& areas, std::size_t i, const Area& piece) {
  Area& a = areas[i];
  if (a.first == piece.first && a.end == piece.end)
    areas.erase(areas.begin() + static_cast<std::ptrdiff_t>(i));
  else if (a.first == piece.first) a.first = piece.end;
  else a.end = piece.first;
}

// Gives `piece`, a part of areas[i], its new flags: merges it, or splits it off. Linux: vma_merge,
// split_vma. SEMANTICS 1.4a
inline void change_piece(const RuleBits<bool>& rules, Areas& areas, std::size_t i, Area piece) {
  const auto partner = [&](std::size_t k) -> Area* {
    const bool merges =
        areas[k].flags == piece.flags && mergeable(rules, piece.anon_vma, areas[k].anon_vma);
    return merges ? &areas[k] : nullptr;
  };
  const bool has_before = i > 0 && areas[i].first == piece.first && areas[i - 1].end == piece.first;
  const bool has_after =
      i + 1 < areas.size() && areas[i].end == piece.end && areas[i + 1].first == piece.end;
  Area* before = has_before ? partner(i - 1) : nullptr;
  Area* after = has_after ? partner(i + 1) : nullptr;
  if (before != nullptr && after != nullptr &&
      !neighbours_mergeable(static_cast<std::uint8_t>(before->anon_vma),
                            static_cast<std::uint8_t>(after->anon_vma)))
    after = nullptr;
  if (before == nullptr && after == nullptr) return split_out(areas, i, piece);
  if (before != nullptr) {
    before->end = piece.end;
    before->anon_vma = either(before->anon_vma, piece.anon_vma);
  }
  if (after != nullptr && before != nullptr) {
    before->end = after->end;
    before->anon_vma = either(before->anon_vma, after->anon_vma);
    areas.erase(areas.begin() + static_cast<std::ptrdiff_t>(i + 1));
  } else if (after != nullptr) {
    after->first = piece.first;
    after->anon_vma = either(after->anon_vma, piece.anon_vma);
  }
  shrink(areas, i, piece);
}

}  // namespace detail

// Changes flags over [first, end), area by area; on_piece(first, end, old flags, flags) for each
// piece that changes, right after it has: what that does to anon_vmas, later merges see. REQUIRES:
// all of it is mapped, and room for two more areas.
template <class NewFlags, class OnPiece>
void change_flags(const RuleBits<bool>& rules, Areas& areas, std::uint32_t first, std::uint32_t end,
                  NewFlags new_flags, OnPiece on_piece) {
  for (std::uint32_t at = first; at < end;) {
    const std::size_t i = area_at(areas, at);
    const VmFlags old = areas[i].flags;
    const Area piece{at, std::min(end, areas[i].end), new_flags(old), areas[i].anon_vma};
    if (piece.flags != old) {
      detail::change_piece(rules, areas, i, piece);
      on_piece(piece.first, piece.end, old, piece.flags);
    }
    at = piece.end;
  }
}

}  // namespace cow::impl

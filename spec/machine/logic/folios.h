// Huge pages as they run: which frames are one large folio, and which groups of 512 entries one
// upper entry maps.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "cow/ids.h"

namespace cow::spec {

inline constexpr std::uint32_t kHugePages = 512;  // HPAGE_PMD_NR

// Pages that were allocated together, and are free together.
struct Folio {
  std::vector<Frame> pages;
  std::uint64_t huge_entries = 0;  // upper entries that map all of it
};

// What the upper entry of 512 pages of a region is: none at first, a table, or it maps a huge page
// itself. reserved: a huge page is set aside for it.
struct UpperEntry {
  bool huge = false, table = false, reserved = false;
};

// What hardware has noted in one of the entries of a huge page, it has noted in the one that they
// stand for.
struct Marks {
  bool dirty = false, young = false, soft_dirty = false;
};

class Folios {
 public:
  const Folio* find(Frame f) const {
    const auto at = folio_of_.find(f);
    return at == folio_of_.end() ? nullptr : &folios_.at(at->second);
  }
  bool is_large(Frame f) const { return find(f) != nullptr; }
  // All pages of one, or none. page() gives one.
  std::vector<Frame> alloc(auto& m, auto page) {
    std::vector<Frame> pages;
    if (!m.memory.has_folio(kHugePages)) return pages;
    for (std::uint32_t i = 0; i < kHugePages; ++i) pages.push_back(*page());
    make(m, pages);
    return pages;
  }
  static Frame page_of(const std::vector<Frame>& pages, const Slot& s) {
    return pages[s.page % kHugePages];
  }
  void make(auto& m, std::vector<Frame> pages) {
    const std::uint32_t id = ++last_;
    for (const Frame f : pages) {
      folio_of_[f] = id;
      m.mapped.join(f, id), m.gets.join(f, id), m.pins.join(f, id), m.temps.join(f, id);
    }
    folios_[id] = {std::move(pages), 0};
  }
  // Its pages are pages of their own from here on.
  std::vector<Frame> dissolve(auto& m, Frame f) {
    const std::uint32_t id = folio_of_.at(f);
    std::vector<Frame> pages = std::move(folios_.at(id).pages);
    for (const Frame page : pages) {
      folio_of_.erase(page);
      m.mapped.leave(page), m.gets.leave(page), m.pins.leave(page), m.temps.leave(page);
    }
    folios_.erase(id);
    return pages;
  }

  // The references of the folio besides those of its page f itself. An upper entry holds one.
  std::uint64_t besides(const auto& m, Frame f) const {
    const auto at = folio_of_.find(f);
    if (at == folio_of_.end()) return 0;
    const auto others = [&](const auto& count) {
      return count.together(at->second) - count.count(f);
    };
    const std::uint64_t all =
        others(m.mapped) + others(m.gets) + others(m.temps) + 1024 * others(m.pins);
    // Fewer while entries are being copied or taken away.
    return all - std::min(all, (kHugePages - 1) * folios_.at(at->second).huge_entries);
  }
  static bool no_debt(const auto&, Frame) { return true; }  // its numbers have no sign
  // Entries that map pages of it, small and huge ones.
  std::uint64_t mapcount(const auto& m, Frame f) const {
    const std::uint32_t id = folio_of_.at(f);
    return m.mapped.together(id) - (kHugePages - 1) * folios_.at(id).huge_entries;
  }
  // One more upper entry maps the folio of f, or one less.
  void enter(Frame f) { ++folios_.at(folio_of_.at(f)).huge_entries; }
  void leave(Frame f) { --folios_.at(folio_of_.at(f)).huge_entries; }
  // The upper entries of f's folio map that of `to` now.
  void hand_over(Frame f, Frame to) {
    std::swap(folios_.at(folio_of_.at(f)).huge_entries, folios_.at(folio_of_.at(to)).huge_entries);
  }
  // Does no page of it have two entries?
  bool none_mapped_twice(const auto& m, Frame f) const {
    const auto& pages = folios_.at(folio_of_.at(f)).pages;
    return std::all_of(pages.begin(), pages.end(),
                       [&](Frame page) { return m.mapped.count(page) <= 1; });
  }
  // folio_maybe_mapped_shared, as if it were exact: does no other process map a page of it?
  bool maps_alone(const auto& m, const Slot& s, Frame f) const {
    const auto& pages = folios_.at(folio_of_.at(f)).pages;
    for (const auto& [t, row] : m.pte.all())
      if (row->present && t.process != s.process &&
          std::find(pages.begin(), pages.end(), row->frame) != pages.end())
        return false;
    return true;
  }
  // Where upper entries map it, by the entry of f.
  std::vector<Slot> huge_entries(const auto& m, Frame f) const {
    std::vector<Slot> slots;
    for (const auto& [s, row] : m.pte.all())
      if (row->present && row->frame == f && upper(s).huge) slots.push_back(s);
    return slots;
  }
  std::uint64_t pins(const auto& m, Frame f) const { return m.pins.together(folio_of_.at(f)); }

  static Slot start(Slot s) {
    s.page -= s.page % kHugePages;
    return s;
  }
  static bool starts(const Slot& s) { return s.page % kHugePages == 0; }
  static void for_huge(const Slot& s, auto f) {
    Slot t = start(s);
    for (std::uint32_t i = 0; i < kHugePages; ++i, ++t.page) f(t);
  }
  // May one entry map all that is there: is it one area's?
  static bool fits(const auto& m, const Slot& s) {
    const Slot first = start(s);
    Slot last = first;
    last.page += kHugePages - 1;
    return m.area.of(first) == m.area.of(s) && m.area.of(last) == m.area.of(s);
  }
  Marks marks(const auto& m, const Slot& s) const {
    Marks marks;
    for_huge(s, [&](const Slot& t) {
      auto&& pte = m.pte[t];
      marks.dirty |= pte.dirty;
      marks.young |= pte.young;
      marks.soft_dirty |= pte.soft_dirty;
    });
    return marks;
  }
  // marks(), asked once for each group until forget_marks().
  template <class F> auto marks_once(const Slot& s, F marks) const {
    const auto [at, is_new] = marks_.try_emplace(key(s));
    if (is_new) at->second = marks();
    return at->second;
  }
  void forget_marks() { marks_.clear(); }

  UpperEntry& upper(const Slot& s) { return upper_[key(s)]; }
  UpperEntry upper(const Slot& s) const {
    const auto at = upper_.find(key(s));
    return at == upper_.end() ? UpperEntry{} : at->second;
  }
  // The first pages of those that meet first .. last.
  std::vector<Slot> huge_in(Pid p, Region r, std::uint32_t first, std::uint32_t last) const {
    return in(p, r, first, last, [](const UpperEntry& e) { return e.huge; });
  }
  std::vector<Slot> tables_in(Pid p, Region r, std::uint32_t first, std::uint32_t last) const {
    return in(p, r, first, last, [](const UpperEntry& e) { return e.table; });
  }
  std::vector<Slot> reserved_in(Pid p, Region r, std::uint32_t first, std::uint32_t last) const {
    return in(p, r, first, last, [](const UpperEntry& e) { return e.reserved; });
  }
  // Nothing is left of the region's tables.
  void forget(Pid p, Region r) {
    upper_.erase(upper_.lower_bound({index(p), index(r), 0}),
                 upper_.lower_bound({index(p), index(r) + 1, 0}));
  }
  void forget(Pid p) {
    upper_.erase(upper_.lower_bound({index(p), 0, 0}), upper_.lower_bound({index(p) + 1, 0, 0}));
  }

 private:
  std::vector<Slot> in(Pid p, Region r, std::uint32_t first, std::uint32_t last, auto is) const {
    std::vector<Slot> all;
    const auto end = upper_.upper_bound({index(p), index(r), last / kHugePages});
    for (auto at = upper_.lower_bound({index(p), index(r), first / kHugePages}); at != end; ++at)
      if (is(at->second)) all.push_back({p, r, std::get<2>(at->first) * kHugePages});
    return all;
  }
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  static Key key(const Slot& s) { return {index(s.process), index(s.region), s.page / kHugePages}; }

  std::map<Frame, std::uint32_t> folio_of_;
  std::map<std::uint32_t, Folio> folios_;
  std::map<Key, UpperEntry> upper_;
  mutable std::map<Key, Marks> marks_;
  std::uint32_t last_ = 0;
};

}  // namespace cow::spec

// What shared tables make of the pages' counts: each page's exact mapcount, whether its exclusive
// mark still holds, and what each table maps by kind. Made by a look at every table, once.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "impl/frames.h"
#include "impl/page_tables.h"

namespace cow::impl {

using Counters = std::array<std::uint32_t, 8>;  // entries, by kind of their page
// Swap entries are counted where no page's kind is.
inline constexpr Kind kSwapEntries = Kind::none;

template <class Sync> class TableCensus {
 public:
  bool taken() const { return Sync::load(taken_) != 0; }
  void forget() {
    if (taken()) Sync::store(taken_, 0);
  }

  void begin(const PageTables<Sync>& tables, const Frames<Sync>& frames) {
    tables_.assign(tables.end(), {});
    mapcount_.assign(frames.end(), 0);
    owned_.assign(frames.end(), 0);
    for (auto& level : levels_) level.clear();
  }
  void add_root(Pte top) { reach(top, kLevels - 1, 1, true); }
  // REQUIRES: every root was added.
  void finish(const PageTables<Sync>& tables, const Frames<Sync>& frames) {
    for (unsigned level = kLevels - 1; level > 0; --level)
      for (const TableNo t : levels_[level])
        for_each_entry(tables, t,
                       [&](Pte e) { reach(e, level - 1, tables_[t].paths, tables_[t].owned); });
    for (const TableNo t : levels_[0])
      for_each_entry(tables, t, [&](Pte e) { count(e, tables_[t], frames); });
    for (unsigned level = 1; level < kLevels; ++level)
      for (const TableNo t : levels_[level])
        for_each_entry(tables, t, [&](Pte e) { add(tables_[t].rss, e); });
    Sync::store(taken_, 1);
  }

  // REQUIRES, all below: it was taken.
  PageCounts counts(const Frames<Sync>& frames, FrameNo f) const {
    const PageCounts m = f < mapcount_.size() ? mapcount_[f] : 0;
    return m << kMapcountShift | (m + frames.held(f) - (frames.mapped(f) != 0 ? 1 : 0));
  }
  // A mark that fork has still to take away is none.
  PageFlags flags(const Frames<Sync>& frames, FrameNo f) const {
    const bool owes = mapcount_[f] != 0 && owned_[f] == 0;
    return static_cast<PageFlags>(frames.flags(f) & ~(owes ? kExclusive : 0));
  }
  Counters rss(Pte top) const { return tables_[pte_frame(top)].rss; }

  // For checks: the tables that are reached, and by how many upper entries each.
  std::uint32_t reached() const {
    std::size_t n = 0;
    for (const auto& level : levels_) n += level.size();
    return static_cast<std::uint32_t>(n);
  }
  std::uint32_t holders(TableNo t) const { return tables_[t].holders; }
  bool writable_above(TableNo t) const { return tables_[t].writable_above; }
  template <class F> void for_each_table(F f) const {  // f(table, level)
    for (unsigned level = 0; level < kLevels; ++level)
      for (const TableNo t : levels_[level]) f(t, level);
  }

 private:
  struct Table {
    std::uint32_t paths = 0;    // that processes have to it
    std::uint32_t holders = 0;  // upper entries and roots
    bool owned = false;         // by one of those paths
    bool writable_above = false;
    Counters rss{};  // of all below
  };

  void reach(Pte e, unsigned level, std::uint32_t paths, bool owned) {
    const TableNo t = pte_frame(e);
    if (e == 0 || t >= tables_.size()) return;
    if (tables_[t].paths == 0) levels_[level].push_back(t);
    tables_[t].paths += paths;
    ++tables_[t].holders;
    tables_[t].owned |= owned && pte_write(e);
    tables_[t].writable_above |= pte_write(e);
  }
  void count(Pte e, Table& table, const Frames<Sync>& frames) {
    const FrameNo f = pte_frame(e);
    if (is_swap_pte(e)) ++table.rss[static_cast<std::size_t>(kSwapEntries)];
    if (!pte_present(e) || f == kZeroPage || f >= mapcount_.size()) return;
    mapcount_[f] += table.paths;
    owned_[f] |= table.owned;
    ++table.rss[static_cast<std::size_t>(rss_kind(frames.flags(f)))];
  }
  void add(Counters& all, Pte e) {
    if (e == 0 || pte_frame(e) >= tables_.size()) return;
    const Counters& below = tables_[pte_frame(e)].rss;
    for (std::size_t kind = 0; kind < all.size(); ++kind) all[kind] += below[kind];
  }
  template <class F> static void for_each_entry(const PageTables<Sync>& tables, TableNo t, F f) {
    const Pte* entries = tables.entries(t);
    for (unsigned i = 0; i < kTableEntries; ++i)
      if (const Pte e = Sync::load(entries[i]); e != 0) f(e);
  }

  std::vector<Table> tables_;
  std::vector<std::uint32_t> mapcount_;  // by frame
  std::vector<std::uint8_t> owned_;      // by frame: an entry on an owned path maps it
  std::array<std::vector<TableNo>, kLevels> levels_;
  std::uint8_t taken_ = 0;
};

}  // namespace cow::impl

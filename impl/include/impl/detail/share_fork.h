// Fork, where tables are shared: at the highest level where all that is below is the child's too.
// What cannot be shared is copied as everybody copies it (impl/detail/fork.h).
#pragma once

#include <algorithm>
#include <new>
#include <vector>

#include "impl/detail/fork.h"
#include "impl/detail/share.h"
#include "impl/table_census.h"

namespace cow::impl {

struct AreaPages {
  Vpn first, end;
  const Area* area;
};

template <class Build> struct BasicMachine<Build>::SharingFork {
  Mm& parent;
  Mm& child;
  unsigned cpu;
  bool asks_pins;
  std::uint64_t processes = 0;      // if it asks
  std::vector<AreaPages> copied{};  // areas that fork copies, by address
  std::vector<AreaPages> kept{};    // those that it does not, and that have tables
  std::vector<AreaPages> large{};   // tables with entries of large folios, or of huge pages
  Reach range{0, kAddressSpace, true};
  TableCensus<Sync> census{};  // of the table at hand, if its pages' counts want one

  static auto from(const std::vector<AreaPages>& areas, Vpn first) {
    return std::partition_point(areas.begin(), areas.end(),
                                [&](const AreaPages& a) { return a.end <= first; });
  }
  static bool meet(const std::vector<AreaPages>& areas, Vpn first, Vpn end) {
    const auto it = from(areas, first);
    return it != areas.end() && it->first < end;
  }
};

// REQUIRES: the parent's mmap_lock for writing; nobody knows the child. False: no table, or no page
// for an early copy, was to be had.
template <class Build> bool BasicMachine<Build>::share_tables(Mm& parent, Mm& child, unsigned cpu) {
  SharingFork f{parent, child, cpu, fork_asks_pins(parent)};
  try {
    sort_areas(f);
  } catch (const std::bad_alloc&) {
    return false;
  }
  const NotifierRange notified(*this, parent, 0, kAddressSpace);
  const std::uint32_t one = Build::mutated(M::fork_sequence_not_written) ? 0 : 1;
  Sync::fetch_add(parent.write_protect_seq, one);  // fast GUP keeps away, or comes again. PIN-2
  bool done = true;
  if (!f.asks_pins) {
    done = share_below(f, parent.root, 0, child.root, kLevels - 1, 0);
  } else {  // an early copy that fails has to find done what comes before it
    for (std::size_t p = 0; p < processes_.size(); ++p)
      f.processes += Sync::load(processes_[p].root) != 0;
    for (std::size_t r = 0; r < parent.regions.size() && done; ++r) {
      const MappedRegion& region = parent.regions[r];
      if (region.areas.empty()) continue;
      f.range = reach_of(region, 0, region.pages, true);
      done = share_below(f, parent.root, 0, child.root, kLevels - 1, 0);
    }
  }
  Sync::fetch_add(parent.write_protect_seq, one);
  if (done && child.root == 0) Sync::store(child.root, tables_.make_root());
  return done && child.root != 0;
}

template <class Build> void BasicMachine<Build>::sort_areas(SharingFork& f) {
  const auto has_tables = [&](const AreaPages& a) {
    return !tables_.for_each_run(f.parent.root, a.first, a.end,
                                 [](Pte*, Vpn, unsigned) { return false; });
  };
  for (std::size_t r = 0; r < f.parent.regions.size(); ++r) {
    const MappedRegion& region = f.parent.regions[r];
    for (const Area& area : region.areas) {
      const AreaPages pages{region.vpn(area.first), region.vpn(area.end), &area};
      const bool copies = fork_copies(area);
      // The child's entries keep no mark of userfaultfd: those tables are not shared. FORK-8
      const bool own = !copies || vm_has(area.flags, kVmUffdWp);
      if (copies) f.copied.push_back(pages);
      if (own && has_tables(pages)) f.kept.push_back(pages);
      if (huge_ != 0 && copies && !region.has_object()) sort_large(f, pages.first, pages.end);
    }
  }
  const auto by_address = [](const AreaPages& a, const AreaPages& b) { return a.first < b.first; };
  for (auto* areas : {&f.copied, &f.kept, &f.large})
    if (!std::is_sorted(areas->begin(), areas->end(), by_address))
      std::sort(areas->begin(), areas->end(), by_address);
}

// What a large folio's counts say together is asked often: its entries stand in tables that nobody
// shares, so that they are counted as they are.
template <class Build>
void BasicMachine<Build>::sort_large(SharingFork& f, Vpn first, Vpn end) const {
  tables_.for_each_run(f.parent.root, first, end, [&](const Pte* entries, Vpn vpn, unsigned n) {
    bool any = is_huge(Sync::load(*entries));
    for (unsigned i = 0; i < n && !any && folios_.any(); ++i) {
      const Pte e = Sync::load(entries[i]);
      any = pte_present(e) && !pte_special(e) && folios_.of(pte_frame(e)) != kNoFolio;
    }
    if (any) f.large.push_back({vpn, vpn + n, nullptr});
    return true;
  });
}

// Gives the child, in `to` of its table `above`, what `from` points to: a table of this level that
// begins at `base`. REQUIRES: the parent owns the path down to `from`.
template <class Build>
bool BasicMachine<Build>::share_below(SharingFork& f, Pte& from, TableNo above, Pte& to,
                                      unsigned level, Vpn base) {
  const Vpn end = base + level_span(level + 1);
  if (!SharingFork::meet(f.copied, base, end)) return true;
  if (may_share(f, from, level, base)) {
    share_table(from, above, to);
    return true;
  }
  // Whoever copies entries of the parent's changes them.
  if (!pte_write(from) && !own_table(f.parent, from, level, base)) return false;
  if (to == 0) {
    const Pte made = above == 0 ? tables_.make_root() : tables_.make_below(above, to);
    if (made == 0) return false;
    if (above == 0) Sync::store(to, made);
  }
  if (level == 0) return copy_last_level(f, from, to, base);
  Pte* entries = tables_.entries(pte_frame(from));
  Pte* copies = tables_.entries(pte_frame(to));
  const Vpn span = level_span(level), stop = std::min(end, f.range.end);
  for (Vpn vpn = std::max(base, f.range.first / span * span); vpn < stop; vpn += span) {
    const unsigned i = level_index(vpn, level);
    if (entries[i] != 0 && !share_below(f, entries[i], pte_frame(to), copies[i], level - 1, vpn))
      return false;
  }
  return true;
}

template <class Build>
bool BasicMachine<Build>::may_share(SharingFork& f, Pte upper, unsigned level, Vpn base) {
  if (SharingFork::meet(f.kept, base, base + level_span(level + 1)) &&
      !Build::mutated(M::kept_area_shared))
    return false;
  if (SharingFork::meet(f.large, base, base + level_span(level + 1))) return false;
  if (!f.asks_pins) return true;
  if (level != 0) return false;
  f.census.forget();
  const Pte* entries = tables_.entries(pte_frame(upper));
  for (unsigned i = 0; i < kTableEntries; ++i) {
    if (i + kPrefetchAhead < kTableEntries)
      frames_.prefetch(pte_frame(Sync::load(entries[i + kPrefetchAhead])));
    const Pte e = Sync::load(entries[i]);
    if (pte_present(e) && needs_early_copy(f, pte_frame(e)) &&
        !Build::mutated(M::pinned_table_shared))
      return false;
  }
  return true;
}

// Both sides lose the write bit above it, and the child sees all below as old. Upper entries of the
// parent's own tables change under its mmap_lock alone: walkers only look. FORK-2 FORK-6
template <class Build> void BasicMachine<Build>::share_table(Pte& from, TableNo above, Pte& to) {
  const Pte shared = pte_wrprotect(from);
  Sync::fetch_add(tables_.others(pte_frame(from)), 1);
  Sync::store(from, shared);
  Sync::store(to, Build::mutated(M::child_shares_young) ? shared : shared | kOldBelow);
  if (above != 0) ++tables_.used(above);
}

template <class Build>
bool BasicMachine<Build>::copy_last_level(SharingFork& f, Pte from, Pte to, Vpn base) {
  const Vpn end = base + kTableEntries;
  f.census.forget();
  const auto early = [&](const Area&, FrameNo page) { return needs_early_copy(f, page); };
  for (auto a = SharingFork::from(f.copied, base); a != f.copied.end() && a->first < end; ++a) {
    const Vpn first = std::max(base, a->first), last = std::min(end, a->end);
    const unsigned i = level_index(first, 0);
    split_early(*a->area, tables_.entries(pte_frame(from)) + i, static_cast<unsigned>(last - first),
                early);
    tables_.used(pte_frame(to)) = tables_.used(pte_frame(from));
    if (!copy_pte_range(f.child, *a->area, tables_.entries(pte_frame(from)) + i,
                        tables_.entries(pte_frame(to)) + i, static_cast<unsigned>(last - first),
                        f.cpu, f.asks_pins, early))
      return false;
  }
  return true;
}

// An exclusive mark under a debt still counts here: then the table is unshared, and asked again.
//
// The counts are those of tables; a page of a table that several hold has more mappings than that.
// As many more as there are other processes, at most: only where these could matter is it asked.
template <class Build> bool BasicMachine<Build>::needs_early_copy(SharingFork& f, FrameNo page) {
  if (!f.asks_pins) return false;
  PageCounts counts = page_counts(page);
  const std::uint64_t most = mapcount_of(counts) * f.processes + frames_.held(page);
  if (refcount_of(counts) < kPinBias && most >= kPinBias && page != kZeroPage &&
      folios_.of(page) == kNoFolio) {
    try {
      if (!f.census.taken()) take_census(f.census);
      counts = f.census.counts(frames_, page);
    } catch (const std::bad_alloc&) {
      counts = kPinBias;  // it may be pinned
    }
  }
  return page_needs_cow_for_dma(rules_, true, kVmMayWrite, counts, frames_.flags(page));
}

}  // namespace cow::impl

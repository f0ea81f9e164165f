// Migration: a page's bytes move to another page, and its entries follow. Linux: mm/migrate.c.
//
// The entries are migration entries meanwhile, and no address space is held: impl/migration.h. Not
// where page tables are shared: there the page moves with all address spaces held.
#pragma once

#include <algorithm>
#include <new>
#include <optional>
#include <vector>

#include "impl/detail/folio.h"
#include "impl/detail/reclaim.h"
#include "impl/machine.h"

namespace cow::impl {

// Is the page found by its entries alone? Of one that an area forbids all access to, a migration
// entry would not be told apart.
inline bool may_let_others_in(PageFlags flags, const std::vector<Pte>& entries) {
  const bool in_cache = page_in_cache(flags) || page_swap_cache(flags);
  return page_anon(flags) && !page_ksm(flags) && !in_cache &&
         std::all_of(entries.begin(), entries.end(), [](Pte e) { return (e & kPresent) != 0; });
}

template <class Build> Outcome BasicMachine<Build>::sys_migrate(const Step& s) {
  std::optional<EveryMm> all(std::in_place, *this);
  const unsigned cpu = cpu_of(s.thread);
  Outcome why = Outcome::ok;
  const Pte* pte = present_entry({s.process, s.region, s.first}, why);
  if (pte == nullptr) return why;
  const FrameNo page = pte_frame(Sync::load(*pte));
  if (page == kZeroPage) return Outcome::inval;
  if (folios_.of(page) != kNoFolio) return migrate_folio(page, cpu);
  const PageFlags flags = frames_.flags(page);
  std::vector<Mapping> mappings;
  std::vector<Pte> were;
  try {
    if (!find_mappings(page, mappings)) return Outcome::oom;
    were.resize(mappings.size());
    migration_.reserve(mappings.size());
  } catch (const std::bad_alloc&) {
    return Outcome::busy;
  }
  const auto held = [&] {
    return !only_mapped(frames_.counts(page), cache_references(flags)) &&
           !Build::mutated(M::migration_leaves_holders);
  };
  if (held()) return Outcome::busy;  // MIG-1
  const FrameNo to = frames_.alloc(static_cast<Kind>(flags & kKindMask), cpu);
  if (to == kNoPage) return Outcome::busy;
  const auto take_away = [&](const Mapping& at) {
    const bool none = (Sync::load(*at.pte) & kPresent) == 0;
    return none && Build::mutated(M::migration_trusts_none)
               ? Sync::exchange(*at.pte, 0)
               : clear_flush(at, [](Pte) { return Pte{0}; });
  };
  // Nobody finds the page from here on but who has it.
  for (std::size_t i = 0; i < were.size(); ++i) were[i] = take_away(mappings[i]);
  const bool moves = !held() || Build::mutated(M::migration_looks_once);
  if (moves) move_page_state(mappings.front(), page, to, cpu);
  const bool in_steps = moves && !Build::kSharesTables && may_let_others_in(flags, were);
  for (std::size_t i = 0; i < were.size(); ++i) {
    const Pte e = moves ? migrated_entry(were[i], to) : were[i];
    Sync::store(*mappings[i].pte, in_steps ? migration_pte(e) : e);
    if (in_steps) migration_.add(*mappings[i].pte);
  }
  for (std::size_t i = 0; moves && i < were.size(); ++i) frames_.remove_mapping(page, cpu);
  if (!moves) frames_.free(to, cpu);
  if (in_steps) remove_migration_ptes(all);
  return moves ? Outcome::ok : Outcome::busy;
}

// Lets others in, and brings the entries back, those too that fork makes meanwhile: such a one is
// told before the lock of the one that it was copied from is given back.
template <class Build>
void BasicMachine<Build>::remove_migration_ptes(std::optional<EveryMm>& all) {
  const Held<Sync, LockRank::migration> others_wait(migration_.lock());
  migration_.begin();
  all.reset();
  while (Pte* at = migration_.take()) {
    const PageTableLock held(tables_.lock_of(at));
    if (const Pte e = Sync::load(*at); is_migration_pte(e)) Sync::store(*at, pte_of_migration(e));
  }
  migration_.end();
}

// Permission stays; before 6.1 what hardware had noted is lost, but the page is dirty. MIG-2
template <class Build> Pte BasicMachine<Build>::migrated_entry(Pte was, FrameNo to) {
  if (pte_dirty(was)) frames_.set_dirty(to);
  Pte lost = rules_.migration_keeps_marks ? 0 : kAccessed | kDirty;
  if (Build::mutated(M::migration_forgets_write)) lost |= kWrite;
  return (was & ~(kFrameMask | lost)) | Pte{to} << kFrameShift;
}

// All that a page is goes along: bytes, mark, mappings, and its place in a cache.
template <class Build>
void BasicMachine<Build>::move_page_state(const Mapping& at, FrameNo page, FrameNo to,
                                          unsigned cpu) {
  const PageFlags flags = frames_.flags(page);
  copy_page(to, page);
  frames_.map_first(to, static_cast<Kind>(flags & kKindMask), page_exclusive(flags));
  for (auto more = frames_.mapped(page); more > 1; --more) frames_.add_mapping(to);
  frames_.mark(to, frames_.marks(page));
  if (page_in_cache(flags)) {
    auto& object = cache_.object(at.region->object);
    const Held<Sync, LockRank::cache> held(object.lock);
    const std::uint64_t offset = at.region->at + (at.vpn - at.region->base);
    frames_.get(to, 1);
    cache_.insert(at.region->object, static_cast<std::uint32_t>(offset), to);  // its node is there
    frames_.put(page, 1, cpu);
  } else if (page_swap_cache(flags)) {
    const SwapLock device(swap_.lock());
    frames_.get(to, 1);
    swap_.replace(page, to);
    frames_.put(page, 1, cpu);
  }
}

}  // namespace cow::impl

// Migration: a page's bytes move to another page, and its entries follow (5.14 mm/migrate.c). Taken
// as one event: to fork, a migration entry is the entry that it will be again, which neither side
// may write then (FORK-7, by copy_pte); a fault waits until it is.
#pragma once

#include "spec/counts.h"

namespace cow::spec {

// migrate_page_move_mapping: nobody holds the page beside its entries and its cache (MIG-1).
auto may_migrate(const auto& m, const auto& f) {
  return m.mutated(Mutant::held_page_migrates) ||
         refcount(m, f) ==
             m.mapped.count(f) + m.one_if(m.page[f].cached) + m.one_if(in_swap_cache(m, f));
}

// migrate_page_copy: what the page is goes along, its caches too.
void migrate_page(auto& m, const auto& from, const auto& to) {
  auto&& old = m.page[from];
  auto&& page = m.page[to];
  page.data = old.data;
  page.anon = old.anon;
  page.shmem = old.shmem;
  page.cached = old.cached;
  page.block = old.block;
  page.exclusive = old.exclusive;
  m.more[to].ksm = m.more[from].ksm;
  m.more[to].dirty = m.more[from].dirty;
  m.more[to].lazy = m.more[from].lazy;
  m.more[to].in_cache = m.more[from].in_cache;
  m.more[to].slot = m.more[from].slot;
  if (old.cached) m.block[value(old.block)].frame = to;
  if (in_swap_cache(m, from)) m.swap[value(m.more[from].slot)].frame = to;
  old.cached = old.exclusive = m.more[from].in_cache = no;
}

// remove_migration_pte (MIG-2): permission stays; before 6.1 young and dirty are lost. The page
// remembers that it was dirty.
void migrate_entry(auto& m, const auto& s, const auto& to) {
  auto&& pte = m.pte[s];
  pte.frame = to;
  if (pte.dirty) m.more[to].dirty = yes;
  pte.young = pte.young && m.rules.migration_keeps_marks;
  pte.dirty = pte.dirty && m.rules.migration_keeps_marks;
}
void move_mapping(auto& m, const auto& s, const auto& from, const auto& to) {
  migrate_entry(m, s, to);
  m.mapped.remove(s, from);
  m.mapped.add(s, to);
}

}  // namespace cow::spec

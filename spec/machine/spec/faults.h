// Faults on an empty entry: handle_pte_fault's do_anonymous_page and do_fault (5.14 mm/memory.c).
#pragma once

#include <optional>

#include "spec/counts.h"

namespace cow::spec {

enum class Access { read, write, unshare };  // unshare: FAULT_FLAG_UNSHARE

Outcome do_anonymous_page(auto& m, const auto& s, Access access) {
  if (access == Access::read) {
    set_pte(m, s, m.zero_page(), no, no);  // ZERO-1: no anon_vma, no count
    return Outcome::zero;
  }
  anon_vma_prepare(m, s);
  const auto fresh = alloc_anon_page(m);
  if (!fresh) return Outcome::oom;  // ERR-2
  const auto write = value(vma_of(m, s).write);
  map_page(m, s, *fresh, write, write);
  return Outcome::fresh;
}

// vm_ops->fault: the page-cache page that s shows, read in at its first touch; or why there is
// none.
auto page_cache(auto& m, const auto& s, Outcome& why) {
  const auto b = m.area.block(s);
  using Page = decltype(m.memory.alloc(m));
  why = Outcome::sigbus;
  if (m.area.past_end(s)) return Page();
  why = Outcome::oom;
  if (m.block[b].cached) return Page(value(m.block[b].frame));
  auto f = m.memory.alloc(m);
  if (!f) return f;
  auto&& page = m.page[*f];
  page.anon = page.exclusive = m.more[*f].ksm = no;
  page.shmem = vma_of(m, s).shmem;
  page.cached = m.block[b].cached = yes;
  page.block = b;
  page.data = m.area.disk(b);
  m.block[b].frame = *f;
  return f;
}

// finish_fault on the page cache's own page.
Outcome map_page_cache(auto& m, const auto& s, const auto& writable, bool dirty, Outcome done) {
  Outcome why{};
  const auto f = page_cache(m, s, why);
  if (!f) return why;
  map_page(m, s, *f, writable, dirty);
  return done;
}

// A shared file's entry waits for the first write; shared memory's does not.
Outcome do_read_fault(auto& m, const auto& s) {
  auto&& vma = vma_of(m, s);
  return map_page_cache(m, s, vma.shared && vma.shmem && vma.write, no, Outcome::filled);
}

Outcome do_shared_fault(auto& m, const auto& s) {  // SHM-1
  return map_page_cache(m, s, yes, yes, Outcome::enabled);
}

// A first write through a private mapping maps a copy, never the page cache's page (FILE-2).
Outcome do_cow_fault(auto& m, const auto& s) {
  anon_vma_prepare(m, s);
  const auto fresh = alloc_anon_page(m);
  if (!fresh) return Outcome::oom;
  Outcome why{};
  const auto cache = page_cache(m, s, why);
  if (!cache) {
    put_page(m, *fresh);
    return why;
  }
  m.page[*fresh].data = m.page[*cache].data;
  const auto& f = m.mutated(Mutant::cow_fault_maps_cache) ? *cache : *fresh;
  map_page(m, s, f, vma_of(m, s).write, yes);  // COPY-3
  return Outcome::copied;
}

// An access found no entry. The caller has checked that the area allows it (WP-5, or FOLL_FORCE).
Outcome do_no_page(auto& m, const auto& s, Access access) {
  auto&& vma = vma_of(m, s);
  if (!vma.file) return do_anonymous_page(m, s, access);
  if (access == Access::read) return do_read_fault(m, s);
  if (!vma.shared) return do_cow_fault(m, s);
  return do_shared_fault(m, s);
}

}  // namespace cow::spec

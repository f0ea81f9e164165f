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
  const auto write = value(m.vma[m.area.of(s)].write);
  set_pte(m, s, *fresh, write, write);
  count_mapping(m, s, *fresh);
  return Outcome::fresh;
}

// vm_ops->fault: the page-cache page that s shows, read in at its first touch.
auto page_cache(auto& m, const auto& s) {
  const auto b = m.area.block(s);
  if (m.block[b].cached) return std::optional(value(m.block[b].frame));
  const auto f = m.memory.alloc(m);
  if (!f) return f;
  auto&& page = m.page[*f];
  page.anon = page.exclusive = no;
  page.shmem = m.vma[m.area.of(s)].shmem;
  page.cached = m.block[b].cached = yes;
  page.block = b;
  page.data = m.area.disk(b);
  m.block[b].frame = *f;
  return f;
}

Outcome do_read_fault(auto& m, const auto& s) {
  if (m.area.past_end(s)) return Outcome::sigbus;
  const auto f = page_cache(m, s);
  if (!f) return Outcome::oom;
  auto&& vma = m.vma[m.area.of(s)];
  set_pte(m, s, *f, vma.shared && vma.shmem && vma.write, no);  // a file waits for the first write
  count_mapping(m, s, *f);
  return Outcome::filled;
}

// A first write through a private mapping maps a copy, never the page cache's page (FILE-2).
Outcome do_cow_fault(auto& m, const auto& s) {
  anon_vma_prepare(m, s);
  const auto fresh = alloc_anon_page(m);
  if (!fresh) return Outcome::oom;
  if (m.area.past_end(s)) {
    put_page(m, *fresh);
    return Outcome::sigbus;
  }
  const auto cache = page_cache(m, s);
  if (!cache) {
    put_page(m, *fresh);
    return Outcome::oom;
  }
  m.page[*fresh].data = m.page[*cache].data;
  const auto& f = m.mutated(Mutant::cow_fault_maps_cache) ? *cache : *fresh;
  set_pte(m, s, f, m.vma[m.area.of(s)].write, yes);  // COPY-3
  count_mapping(m, s, f);
  return Outcome::copied;
}

Outcome do_shared_fault(auto& m, const auto& s) {
  if (m.area.past_end(s)) return Outcome::sigbus;
  const auto f = page_cache(m, s);
  if (!f) return Outcome::oom;
  set_pte(m, s, *f, yes, yes);  // SHM-1
  count_mapping(m, s, *f);
  return Outcome::enabled;
}

// An access found no entry. The caller has checked that the area allows it (WP-5, or FOLL_FORCE).
Outcome do_no_page(auto& m, const auto& s, Access access) {
  auto&& vma = m.vma[m.area.of(s)];
  if (!vma.file) return do_anonymous_page(m, s, access);
  if (access == Access::read) return do_read_fault(m, s);
  if (!vma.shared) return do_cow_fault(m, s);
  return do_shared_fault(m, s);
}

}  // namespace cow::spec

// Faults on what is not mapped. Linux: handle_mm_fault, do_anonymous_page, do_fault.
//
// An outcome `hit` of a fault says that somebody else changed the entry meanwhile and nothing was
// done: the access looks again. WP-4
#pragma once

#include <cstring>

#include "impl/bytes.h"
#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

// The last-level entry of `vpn`, which may be changed, tables made where missing; null where one
// cannot be had. `none`: one that is made stands for no page table yet. Linux: pte_alloc.
template <class Build> Pte* BasicMachine<Build>::pte_alloc(Mm& mm, Vpn vpn, bool none) {
  if constexpr (Build::kSharesTables) return own_entry(mm, vpn, none);
  else return tables_.ensure_entry(mm.root, vpn, none);
}

// REQUIRES: the mmap_lock.
template <class Build> Outcome BasicMachine<Build>::handle_mm_fault(Fault& f) {
  // Tables come before everything else, so that their failure leaves nothing to undo.
  const bool huge = Sync::load(huge_) != 0 && !f.region.has_object();
  const bool hugetlb = vm_has(f.area.flags, kVmHugeTlb);
  f.pte = pte_alloc(f.mm, f.vpn(), hugetlb || (huge && huge_allowed(f)));
  if (f.pte == nullptr) return Outcome::oom;
  if (hugetlb) return Hugetlb{*this}.fault(f);
  if (Outcome outcome = Outcome::hit; huge && huge_fault(f, outcome)) return outcome;
  f.orig = Sync::load(*f.pte);
  if (is_migration_pte(f.orig)) {
    migration_.wait();
    return Outcome::hit;
  }
  if (is_swap_pte(f.orig)) return do_swap_page(f);
  if (!pte_present(f.orig)) return f.region.has_object() ? do_fault(f) : do_anonymous_page(f);
  // A read that faulted while another thread changed the entry has nothing left to do. WP-1
  return f.write || f.unshare ? do_wp_page(f) : Outcome::hit;
}

// Puts an entry where none was, or finds that somebody else has: then `page` was for nothing.
template <class Build>
Outcome BasicMachine<Build>::map_anon_page(Fault& f, FrameNo page, Pte entry, Outcome outcome) {
  {
    const PageTableLock held(tables_.lock_of(f.pte));
    if (Sync::load(*f.pte) == 0) {
      map_new_anon(page);
      f.mm.count(Kind::anon, f.cpu, 1);  // CNT-3
      Sync::store(*f.pte, entry);
      return outcome;
    }
  }
  frames_.free(page, f.cpu);
  return Outcome::hit;
}

template <class Build> Outcome BasicMachine<Build>::do_anonymous_page(Fault& f) {
  const VmFlags area = f.area.flags;
  if (!f.write) {
    // No anon_vma, no reference, no rss. ZERO-1
    Pte e = mk_pte(kZeroPage, area) | kSpecial;
    if (Build::mutated(M::zero_page_writable)) e = maybe_mkwrite(e, area);  // ZERO-2
    const PageTableLock held(tables_.lock_of(f.pte));
    if (Sync::load(*f.pte) != 0) return Outcome::hit;
    if (Build::mutated(M::zero_page_counted)) f.mm.count(Kind::anon, f.cpu, 1);
    Sync::store(*f.pte, e);
    return Outcome::zero;
  }
  anon_vma_prepare(f.area);
  const FrameNo page = alloc_zeroed_page(f.cpu);
  if (page == kNoPage) return Outcome::oom;
  const Pte e = mk_pte(page, area);
  return map_anon_page(f, page, vm_has(area, kVmWrite) ? maybe_mkwrite(pte_mkdirty(e), area) : e,
                       Outcome::fresh);
}

template <class Build> Outcome BasicMachine<Build>::do_fault(Fault& f) {
  if (!f.write) return do_read_fault(f);
  if (f.region.share == Share::shared) return do_shared_fault(f);
  if (Build::mutated(M::cache_page_for_private_write)) return do_shared_fault(f);
  return do_cow_fault(f);  // FILE-2
}

// The page-cache page that the fault's page shows, brought in where missing. It stays: an object
// that a region maps does not lose pages.
template <class Build> Outcome BasicMachine<Build>::cache_page(const Fault& f, FrameNo& out) {
  auto& object = cache_.object(f.region.object);
  const std::uint64_t at = f.region.at + f.page;
  if (at >= object.pages) return Outcome::sigbus;
  const auto offset = static_cast<std::uint32_t>(at);
  const Held<Sync, LockRank::cache> held(object.lock);
  out = cache_.find(f.region.object, offset);
  if (out != kNoPage) return Outcome::ok;
  out = frames_.alloc(object.kind, f.cpu);
  if (out == kNoPage) return Outcome::oom;
  if (!cache_.insert(f.region.object, offset, out)) {
    frames_.free(out, f.cpu);
    return Outcome::oom;
  }
  std::memset(frames_.bytes(out), object.value, kPageBytes);
  frames_.get(out, 1);  // the cache's own reference. CNT-2
  return Outcome::ok;
}

template <class Build>
Outcome BasicMachine<Build>::map_cache_page(Fault& f, FrameNo page, Pte entry, Outcome outcome) {
  const PageTableLock held(tables_.lock_of(f.pte));
  if (Sync::load(*f.pte) != 0) return Outcome::hit;
  frames_.add_mapping(page);
  f.mm.count(frames_.kind(page), f.cpu, 1);
  Sync::store(*f.pte, entry);
  return outcome;
}

template <class Build> Outcome BasicMachine<Build>::do_read_fault(Fault& f) {
  FrameNo page = kNoPage;
  const Outcome found = cache_page(f, page);
  if (found != Outcome::ok) return found;
  Pte e = mk_pte(page, f.area.flags);
  // A file asks to be told of the first write (page_mkwrite); shmem does not.
  if (frames_.kind(page) == Kind::shmem) e = maybe_mkwrite(e, f.area.flags);
  return map_cache_page(f, page, e, Outcome::filled);
}

template <class Build> Outcome BasicMachine<Build>::do_cow_fault(Fault& f) {
  anon_vma_prepare(f.area);  // stays made even where the file then refuses
  const FrameNo copy = frames_.alloc(Kind::anon, f.cpu);
  if (copy == kNoPage) return Outcome::oom;
  FrameNo cached = kNoPage;
  const Outcome found = cache_page(f, cached);
  if (found != Outcome::ok) {
    if (!Build::mutated(M::oom_leaks_frame)) frames_.free(copy, f.cpu);  // ERR-2
    return found;
  }
  copy_page(copy, cached);
  // CNT-4: FILE was never counted
  return map_anon_page(f, copy,
                       maybe_mkwrite(pte_mkdirty(mk_pte(copy, f.area.flags)), f.area.flags),
                       Outcome::copied);
}

template <class Build> Outcome BasicMachine<Build>::do_shared_fault(Fault& f) {
  FrameNo page = kNoPage;
  const Outcome found = cache_page(f, page);
  if (found != Outcome::ok) return found;
  return map_cache_page(f, page,
                        maybe_mkwrite(pte_mkdirty(mk_pte(page, f.area.flags)), f.area.flags),
                        Outcome::enabled);
}

// Several faults may come to this at once, and all write the same.
template <class Build> void BasicMachine<Build>::anon_vma_prepare(Area& area) {
  if (Build::mutated(M::anon_vma_not_made)) return;
  static_assert(sizeof(AnonVma) == 1);
  auto& anon_vma = reinterpret_cast<std::uint8_t&>(area.anon_vma);
  if (Sync::load(anon_vma) == static_cast<std::uint8_t>(AnonVma::none))
    Sync::store(anon_vma, static_cast<std::uint8_t>(AnonVma::own));  // FORK-5 sees it
}

// A page that nobody else can know: one mapping, exclusive where that is tracked.
template <class Build> void BasicMachine<Build>::map_new_anon(FrameNo page) {
  frames_.map_first(page, Kind::anon, rules_.tracks_exclusive);
}

template <class Build> FrameNo BasicMachine<Build>::alloc_zeroed_page(unsigned cpu) {
  bool is_zero = false;
  const FrameNo page = frames_.alloc(Kind::anon, cpu, is_zero);
  if (page == kNoPage || is_zero) return page;
  Sync::touch(frames_.bytes(page), true);
  std::memset(frames_.bytes(page), 0, kPageBytes);
  return page;
}

template <class Build> void BasicMachine<Build>::copy_page(FrameNo to, FrameNo from) {
  Sync::touch(frames_.bytes(from), false);
  Sync::touch(frames_.bytes(to), true);
  if (Build::mutated(M::contents_not_copied)) std::memset(frames_.bytes(to), 0, kPageBytes);
  else copy_bytes(frames_.bytes(to), frames_.bytes(from));  // COPY-1
}

}  // namespace cow::impl

// Faults on what is not mapped. Linux: handle_mm_fault, do_anonymous_page, do_fault.
#pragma once

#include <cstring>

#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> Outcome BasicMachine<Build>::handle_mm_fault(Fault& f) {
  const Vpn vpn = f.region.vpn(f.page);
  if (f.pte == nullptr) {
    // Tables come before everything else, so that their failure leaves nothing to undo.
    Pte* table = tables_.ensure(f.mm.root, vpn);
    if (table == nullptr) return Outcome::oom;
    f.pte = table + level_index(vpn, 0);
  }
  if (!pte_present(*f.pte)) return f.region.has_object() ? do_fault(f) : do_anonymous_page(f);
  assert((f.write || f.unshare) &&
         (!pte_write(*f.pte) || Build::mutated(M::writable_entry_decides)));  // WP-1
  return do_wp_page(f);
}

template <class Build> Outcome BasicMachine<Build>::do_anonymous_page(Fault& f) {
  const VmFlags area = f.area.flags;
  if (!f.write) {
    // No anon_vma, no reference, no rss. ZERO-1
    Pte e = mk_pte(kZeroPage, area) | kSpecial;
    if (Build::mutated(M::zero_page_writable)) e = maybe_mkwrite(e, area);  // ZERO-2
    if (Build::mutated(M::zero_page_counted)) ++f.mm.rss[slot_of(Kind::anon)];
    *f.pte = e;
    return Outcome::zero;
  }
  anon_vma_prepare(f.area);
  const FrameNo page = frames_.alloc(Kind::anon);
  if (page == kNoPage) return Outcome::oom;
  std::memset(frames_.bytes(page), 0, kPageBytes);
  map_new_anon(page);
  ++f.mm.rss[slot_of(Kind::anon)];  // CNT-3
  const Pte e = mk_pte(page, area);
  *f.pte = vm_has(area, kVmWrite) ? maybe_mkwrite(pte_mkdirty(e), area) : e;
  return Outcome::fresh;
}

template <class Build> Outcome BasicMachine<Build>::do_fault(Fault& f) {
  if (!f.write) return do_read_fault(f);
  if (f.region.share == Share::shared) return do_shared_fault(f);
  if (Build::mutated(M::cache_page_for_private_write)) return do_shared_fault(f);
  return do_cow_fault(f);  // FILE-2
}

// The page-cache page that a region's page shows, brought in where missing.
template <class Build>
Outcome BasicMachine<Build>::cache_page(const MappedRegion& region, std::uint32_t page,
                                        FrameNo& out) {
  const CacheObject& object = cache_.object(region.object);
  const std::uint64_t at = std::uint64_t{region.at} + page;
  if (at >= object.pages) return Outcome::sigbus;
  const auto offset = static_cast<std::uint32_t>(at);
  out = cache_.find(region.object, offset);
  if (out != kNoPage) return Outcome::ok;
  out = frames_.alloc(object.kind);
  if (out == kNoPage) return Outcome::oom;
  if (!cache_.insert(region.object, offset, out)) {
    frames_.free(out);
    return Outcome::oom;
  }
  std::memset(frames_.bytes(out), object.value, kPageBytes);
  frames_.counts(out) = 1;  // the cache's own reference. CNT-2
  return Outcome::ok;
}

template <class Build> Outcome BasicMachine<Build>::do_read_fault(Fault& f) {
  FrameNo page = kNoPage;
  const Outcome found = cache_page(f.region, f.page, page);
  if (found != Outcome::ok) return found;
  frames_.counts(page) += kOneMapping;
  const Kind kind = frames_.kind(page);
  ++f.mm.rss[slot_of(kind)];
  Pte e = mk_pte(page, f.area.flags);
  // A file asks to be told of the first write (page_mkwrite); shmem does not.
  if (kind == Kind::shmem) e = maybe_mkwrite(e, f.area.flags);
  *f.pte = e;
  return Outcome::filled;
}

template <class Build> Outcome BasicMachine<Build>::do_cow_fault(Fault& f) {
  anon_vma_prepare(f.area);  // stays made even where the file then refuses
  const FrameNo copy = frames_.alloc(Kind::anon);
  if (copy == kNoPage) return Outcome::oom;
  FrameNo cached = kNoPage;
  const Outcome found = cache_page(f.region, f.page, cached);
  if (found != Outcome::ok) {
    if (!Build::mutated(M::oom_leaks_frame)) frames_.free(copy);  // ERR-2
    return found;
  }
  copy_page(frames_.bytes(copy), frames_.bytes(cached));
  map_new_anon(copy);
  ++f.mm.rss[slot_of(Kind::anon)];  // CNT-4: FILE was never counted
  *f.pte = maybe_mkwrite(pte_mkdirty(mk_pte(copy, f.area.flags)), f.area.flags);
  return Outcome::copied;
}

template <class Build> Outcome BasicMachine<Build>::do_shared_fault(Fault& f) {
  FrameNo page = kNoPage;
  const Outcome found = cache_page(f.region, f.page, page);
  if (found != Outcome::ok) return found;
  frames_.counts(page) += kOneMapping;
  ++f.mm.rss[slot_of(frames_.kind(page))];
  *f.pte = maybe_mkwrite(pte_mkdirty(mk_pte(page, f.area.flags)), f.area.flags);
  return Outcome::enabled;
}

template <class Build> void BasicMachine<Build>::anon_vma_prepare(Area& area) {
  if (Build::mutated(M::anon_vma_not_made)) return;
  if (area.anon_vma == AnonVma::none) area.anon_vma = AnonVma::own;  // FORK-5 sees it
}

// A page that nobody else can know: one mapping, exclusive where that is tracked.
template <class Build> void BasicMachine<Build>::map_new_anon(FrameNo page) {
  frames_.counts(page) = kOneMapping;
  if (rules_.tracks_exclusive) frames_.set_exclusive(page);
}

template <class Build>
void BasicMachine<Build>::copy_page(std::uint8_t* to, const std::uint8_t* from) {
  if (Build::mutated(M::contents_not_copied)) std::memset(to, 0, kPageBytes);
  else std::memcpy(to, from, kPageBytes);  // COPY-1
}

}  // namespace cow::impl

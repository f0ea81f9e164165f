// References to pages: GUP, FOLL_FORCE accesses, stray references. Linux: mm/gup.c.
#pragma once

#include <new>

#include "impl/machine.h"

namespace cow::impl {

// Faults until the page may be taken as `gup` asks. Linux: __get_user_pages, follow_page_pte. The
// outcome is the first fault's, or hit.
template <class Build>
Outcome BasicMachine<Build>::get_user_page(const Target& t, std::uint32_t page, GupFlags gup,
                                           FrameNo& out) {
  if (!gup_area_allowed(t.area->flags, gup)) return Outcome::segv;
  const bool write = foll_has(gup, kFollWrite);
  Fault f{*t.mm, *t.region, *t.area, page, write, false, nullptr};
  f.pte = tables_.find_entry(t.mm->root, t.region->vpn(page));
  Outcome first = Outcome::hit;
  constexpr int kEnoughFaults = 4;  // three suffice; a mutant must not hang. LIVE-1
  for (int faults = 0; faults < kEnoughFaults; ++faults) {
    f.unshare = false;
    if (f.pte != nullptr && pte_present(*f.pte)) {
      out = pte_frame(*f.pte);
      const PageFlags flags = frames_.flags(out);
      f.unshare = gup_must_unshare(rules_, t.area->flags, gup, flags) &&
                  !Build::mutated(M::unshare_skipped);  // PIN-3
      Pte e = *f.pte;
      if (Build::mutated(M::force_ignores_soft_dirty)) e |= kSoftDirty;
      const bool granted =
          !write || can_follow_write_pte(rules_, t.area->flags, gup, e, flags) ||  // PIN-4 FORCE-1
          (Build::mutated(M::force_unchecked) && foll_has(gup, kFollForce)) ||
          (Build::mutated(M::force_trusts_dirty) && foll_has(gup, kFollForce) && pte_dirty(e)) ||
          (Build::mutated(M::pin_takes_read_only_entry) && foll_has(gup, kFollPin));  // ISO-2
      if (granted && !f.unshare) return first;
    }
    const Outcome fault = handle_mm_fault(f);
    if (first == Outcome::hit) first = fault;
    if (refused(fault)) return fault;
    if (f.cow_done) gup |= kFollCow;
  }
  return Outcome::busy;
}

template <class Build> Outcome BasicMachine<Build>::pin(const Step& s) {
  Target t;
  const Outcome found = find_page(s, t);
  if (found == Outcome::nosuch) return found;
  if (find_ref(s.ref) != nullptr) return Outcome::inval;
  // Before the page is looked at, so that no fork can miss it. PIN-1 PIN-5
  if (s.foll_pin && !Build::mutated(M::has_pinned_not_set)) t.mm->has_pinned = true;
  if (found != Outcome::ok) return found;
  if (index(s.ref) >= kMaxNames) return Outcome::oom;
  try {
    if (index(s.ref) >= refs_.size()) refs_.resize(index(s.ref) + std::size_t{1});
  } catch (const std::bad_alloc&) {
    return Outcome::oom;
  }
  // `fast` comes to the same: what its lockless walk may not take, the slow way faults in.
  const GupFlags gup = (s.prot == Prot::rw ? kFollWrite : 0) | (s.foll_pin ? kFollPin : 0) |
                       (s.longterm ? kFollLongterm : 0);
  FrameNo page = kNoPage;
  const Outcome got = get_user_page(t, s.first, gup, page);
  if (refused(got)) return got;
  if (page != kZeroPage) {
    constexpr PageCounts kFull = PageCounts{1} << 31;
    if (refcount_of(frames_.counts(page)) >= kFull) return Outcome::oom;  // try_get_page
    const bool counts_as_pin = s.foll_pin && !Build::mutated(M::pin_counts_as_get);
    frames_.counts(page) += counts_as_pin ? kPinBias : 1;  // CNT-2
    if (s.foll_pin) ++frames_.pins(page);
  }
  refs_[index(s.ref)] = {true, s.foll_pin, s.prot == Prot::rw, false, page};
  return Outcome::ok;
}

template <class Build> typename BasicMachine<Build>::Gup* BasicMachine<Build>::find_ref(Ref ref) {
  const std::size_t i = index(ref);
  return i < refs_.size() && refs_[i].live ? &refs_[i] : nullptr;
}

template <class Build> Outcome BasicMachine<Build>::unpin(const Step& s) {
  Gup* ref = find_ref(s.ref);
  if (ref == nullptr) return Outcome::nosuch;
  ref->live = false;
  if (ref->frame == kZeroPage || ref->dangling) return Outcome::ok;
  if (ref->pin) --frames_.pins(ref->frame);
  const bool counted_as_pin = ref->pin && !Build::mutated(M::pin_counts_as_get);
  put_page(ref->frame, counted_as_pin ? kPinBias : 1);
  return Outcome::ok;
}

// Through a reference the frame is touched, never an entry.
template <class Build> Result BasicMachine<Build>::ref_access(const Step& s, bool write) {
  const Gup* ref = find_ref(s.ref);
  if (ref == nullptr) return {Outcome::nosuch};
  if (write && !ref->writable) return {Outcome::inval};
  std::uint8_t& cell = frames_.cell(ref->frame, s.cell);
  if (!write) return {Outcome::ok, true, cell};
  cell = s.value;
  return {Outcome::ok};
}

// An access as /proc/PID/mem makes it. Every refusal but nosuch is EIO there, segv here.
template <class Build> Result BasicMachine<Build>::force_access(const Step& s, bool write) {
  Target t;
  const Outcome found = find_page(s, t);
  if (found != Outcome::ok) return {found};
  FrameNo page = kNoPage;
  const GupFlags gup = kFollForce | (write ? kFollWrite : 0);
  const Outcome got = get_user_page(t, s.first, gup, page);
  if (refused(got)) return {Outcome::segv};
  std::uint8_t& cell = frames_.cell(page, s.cell);
  if (!write) return {got, true, cell};
  cell = s.value;  // the kernel's own mapping: the entry's bits stay as the faults left them
  return {got};
}

template <class Build> Outcome BasicMachine<Build>::sys_ref(const Step& s) {
  Target t;
  const Outcome found = find_page(s, t);
  if (found != Outcome::ok) return found;
  const Pte* e = tables_.find_entry(t.mm->root, t.region->vpn(s.first));
  if (e == nullptr || !pte_present(*e)) return Outcome::inval;
  try {
    strays_.push_back({{s.process, s.region, s.first}, pte_frame(*e)});
  } catch (const std::bad_alloc&) {
    return Outcome::oom;
  }
  if (!pte_special(*e)) ++frames_.counts(pte_frame(*e));
  return Outcome::ok;
}

template <class Build> Outcome BasicMachine<Build>::sys_unref(const Step& s) {
  Target t;
  if (find_page(s, t) == Outcome::nosuch) return Outcome::nosuch;
  const Slot at{s.process, s.region, s.first};
  for (std::size_t i = strays_.size(); i-- > 0;) {
    if (!(strays_[i].at == at)) continue;
    const FrameNo page = strays_[i].frame;
    strays_.erase(strays_.begin() + static_cast<std::ptrdiff_t>(i));
    if (page != kZeroPage) put_page(page, 1);
    return Outcome::ok;
  }
  return Outcome::inval;
}

}  // namespace cow::impl

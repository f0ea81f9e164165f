// References to pages: GUP, FOLL_FORCE accesses, stray references. Linux: mm/gup.c.
#pragma once

#include <new>

#include "impl/detail/access.h"
#include "impl/detail/folio.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> std::uint32_t BasicMachine<Build>::references_of(GupFlags gup) const {
  const bool pins = foll_has(gup, kFollPin) && !Build::mutated(M::pin_counts_as_get);
  return pins ? static_cast<std::uint32_t>(kPinBias) : 1;
}

// Faults until the page may be taken as `gup` asks, and takes it. Linux: __get_user_pages. The
// outcome is the first fault's, or hit. REQUIRES: the mmap_lock.
template <class Build>
Outcome BasicMachine<Build>::get_user_page(const Target& t, std::uint32_t page, GupFlags gup,
                                           unsigned cpu, FrameNo& out) {
  if (protects_late<Build>() && Sync::load(t.mm->tlb_flush_pending) != 0)
    flush(*t.mm, 0, kAddressSpace);
  if (!gup_area_allowed(t.area->flags, gup)) return Outcome::segv;
  const bool breaks = Build::mutated(M::get_breaks_sharing) && is_cow_mapping(t.area->flags);
  if (breaks && vm_has(t.area->flags, kVmWrite)) gup |= kFollWrite;  // PIN-6
  const bool write = foll_has(gup, kFollWrite);
  const bool forced = write && !vm_has(t.area->flags, kVmWrite);
  if (forced && vm_has(t.area->flags, kVmHugeTlb)) return Outcome::segv;  // HUGE-8
  Fault f{*t.mm, *t.region, *t.area, page, write, false, cpu};
  Outcome first = Outcome::hit;
  constexpr int kEnoughFaults = 64;  // alone, three suffice; a mutant must not hang. LIVE-1
  for (int faults = 0; faults < kEnoughFaults; ++faults) {
    if (!own_tables(f.mm, {f.vpn(), f.vpn() + 1, true})) return Outcome::oom;
    f.pte = tables_.find_entry(f.mm.root, f.vpn());
    Outcome taken = first;
    if (f.pte != nullptr && follow_page_pte(f, gup, taken, f.unshare, out)) return taken;
    const Outcome fault = handle_mm_fault(f);
    if (first == Outcome::hit) first = fault;
    if (refused(fault)) return fault;
    if (f.cow_done) gup |= kFollCow;
  }
  return Outcome::busy;
}

// Takes the page that the entry maps, if it may be taken as it is; else says whether it must be
// unshared first. A page with too many references is refused: try_get_page.
template <class Build>
bool BasicMachine<Build>::follow_page_pte(const Fault& f, GupFlags gup, Outcome& outcome,
                                          bool& unshare, FrameNo& out) {
  const PageTableLock held(tables_.lock_of(f.pte));
  Pte e = Sync::load(*f.pte);
  unshare = false;
  if (!pte_present(e)) return false;
  if (is_huge(e)) e |= huge_marks(f.pte);
  out = pte_frame(e);
  const PageFlags flags = frames_.flags(out);
  const VmFlags area = f.area.flags;
  unshare =
      gup_must_unshare(rules_, area, gup, flags) && !Build::mutated(M::unshare_skipped);  // PIN-3
  if (Build::mutated(M::force_ignores_soft_dirty)) e |= kSoftDirty;
  const bool granted =
      !f.write || can_follow_write_pte(rules_, area, gup, e, flags) ||  // PIN-4 FORCE-1
      (Build::mutated(M::force_unchecked) && foll_has(gup, kFollForce)) ||
      (Build::mutated(M::force_trusts_dirty) && foll_has(gup, kFollForce) && pte_dirty(e)) ||
      (Build::mutated(M::huge_zero_passes_for_own) && foll_has(gup, kFollForce) && is_huge(e) &&
       out == kZeroPage) ||
      (Build::mutated(M::pin_takes_read_only_entry) && foll_has(gup, kFollPin));  // ISO-2
  if (!granted || unshare) return false;
  if (out == kZeroPage || foll_has(gup, kFollPopulate)) return true;
  constexpr std::uint32_t kFull = Frames<Sync>::kReferences - kPinBias;
  if (frames_.held(out) >= kFull) outcome = Outcome::oom;
  else frames_.get(out, references_of(gup));  // CNT-2
  return true;
}

// Without a lock and without a fault: the page is taken first, and given back where the entry or
// the address space says that it should not have been. The CPU's lock keeps flushes, and so the
// freeing of tables, away: interrupts off. False: the slow way is to be gone. PIN-2
template <class Build>
bool BasicMachine<Build>::gup_fast(const Step& s, GupFlags gup, FrameNo& out) {
  const Target t = target_of(s);
  if (t.region == nullptr) return false;
  const unsigned cpu = cpu_of(s.thread);
  const CpuLock interrupts_off(cpus_[cpu].lock);
  Vpn vpn = 0;
  if (!find_vpn(s, t, cpu, vpn)) return false;
  const Mm* mm = t.mm;
  const bool pins = foll_has(gup, kFollPin);
  const std::uint32_t seq = Sync::load(mm->write_protect_seq);
  const bool asks_forks = pins && !Build::mutated(M::fork_sequence_unread);
  if (asks_forks && seq % 2 != 0) return false;
  const Pte root = Sync::load(mm->root);
  const auto [at, owed] = tables_.find_place(root, vpn);
  if (root == 0 || at == nullptr) return false;
  if (Build::kSharesTables && owed != 0 && (pins || foll_has(gup, kFollWrite))) return false;
  const Pte e = Sync::load(*at);
  const Pte needs = kPresent | (foll_has(gup, kFollWrite) ? kWrite : 0);
  if ((e & needs) != needs || pte_special(e)) return false;
  out = pte_frame(e);
  if (!frames_.try_get(out, references_of(gup))) return false;
  // The area's flags are not to be had here; whether any page must be unshared for a long-term pin
  // is asked as if it were private.
  const bool stays = Sync::load(*at) == e &&
                     !gup_must_unshare(rules_, kVmMayWrite, gup, frames_.flags(out)) &&
                     (!asks_forks || Sync::load(mm->write_protect_seq) == seq);
  if (!stays) put_page(out, references_of(gup), cpu);
  return stays;
}

// Everything that refuses a pin before the page is looked at, and the mark that it leaves: no fork
// can miss it. PIN-1 PIN-5
template <class Build> Outcome BasicMachine<Build>::may_pin(const Step& s) {
  Mm* mm = mm_slot(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  const MmapReadLock held(mm->mmap_lock, cpu_of(s.thread));
  Target t = target_of(s);
  const Outcome found = find_page(s, t);
  if (found == Outcome::nosuch) return found;
  const Gup* ref = refs_.find(index(s.ref));
  if (ref != nullptr && ref->live) return Outcome::inval;
  if (s.foll_pin && !Build::mutated(M::has_pinned_not_set))
    Sync::exchange(t.mm->has_pinned, std::uint8_t{1});
  if (found != Outcome::ok) return found;
  return ref == nullptr ? Outcome::oom : Outcome::ok;
}

template <class Build> Outcome BasicMachine<Build>::pin(const Step& s) {
  Gup* ref = make_ref(s.ref);
  if (ref == nullptr) {
    const Outcome first = may_pin(s);
    return first == Outcome::ok ? Outcome::oom : first;
  }
  const Held<Sync, LockRank::reference> own(ref->lock);
  const Outcome may = may_pin(s);
  if (may != Outcome::ok) return may;
  const GupFlags gup = (s.prot == Prot::rw ? kFollWrite : 0) | (s.foll_pin ? kFollPin : 0) |
                       (s.longterm ? kFollLongterm : 0);
  FrameNo page = kNoPage;
  if (!s.fast || !gup_fast(s, gup, page)) {
    const unsigned cpu = cpu_of(s.thread);
    const typename Hugetlb::Lock held(*this, *mm_slot(s.process), cpu);
    Target t = target_of(s);
    const Outcome found = find_page(s, t);
    if (found != Outcome::ok) return found;
    const Outcome got = get_user_page(t, s.first, gup, cpu, page);
    if (refused(got)) return got;
  }
  ref->pin = s.foll_pin;
  ref->writable = s.prot == Prot::rw;
  ref->dangling = false;
  ref->frame = page;
  ref->live = true;
  return Outcome::ok;
}

template <class Build> typename BasicMachine<Build>::Gup* BasicMachine<Build>::make_ref(Ref ref) {
  return grow_names(refs_, index(ref) + std::size_t{1}) ? &refs_[index(ref)] : nullptr;
}

template <class Build> Outcome BasicMachine<Build>::unpin(const Step& s) {
  Gup* ref = refs_.find(index(s.ref));
  if (ref == nullptr) return Outcome::nosuch;
  const Held<Sync, LockRank::reference> own(ref->lock);
  if (!ref->live) return Outcome::nosuch;
  ref->live = false;
  if (ref->frame == kZeroPage || ref->dangling) return Outcome::ok;
  if (ref->writable) frames_.set_dirty(ref->frame);  // unpin_user_pages_dirty_lock
  put_page(ref->frame, references_of(ref->pin ? kFollPin : 0), cpu_of(s.thread));
  return Outcome::ok;
}

// Through a reference the frame is touched, never an entry.
template <class Build> Result BasicMachine<Build>::ref_access(const Step& s, bool write) {
  Gup* ref = refs_.find(index(s.ref));
  if (ref == nullptr) return {Outcome::nosuch};
  const Held<Sync, LockRank::reference> own(ref->lock);
  if (!ref->live) return {Outcome::nosuch};
  if (write && !ref->writable) return {Outcome::inval};
  std::uint8_t& cell = frames_.cell(ref->frame, s.cell);
  Sync::touch(frames_.bytes(ref->frame), write);
  if (!write) return {Outcome::ok, true, load_byte(cell)};
  store_byte(cell, s.value);
  frames_.set_dirty(ref->frame);
  return {Outcome::ok};
}

// An access as /proc/PID/mem makes it. Every refusal but nosuch is EIO there, segv here.
template <class Build> Result BasicMachine<Build>::force_access(const Step& s, bool write) {
  Mm* mm = mm_slot(s.process);
  if (mm == nullptr) return {Outcome::nosuch};
  const unsigned cpu = cpu_of(s.thread);
  const typename Hugetlb::Lock held(*this, *mm, cpu);
  Target t = target_of(s);
  const Outcome found = find_page(s, t);
  if (found != Outcome::ok) return {found};
  FrameNo page = kNoPage;
  const GupFlags gup = kFollForce | (write ? kFollWrite : 0);
  const Outcome got = get_user_page(t, s.first, gup, cpu, page);
  if (refused(got)) return {Outcome::segv};
  // The kernel's own mapping: the entry's bits stay as the faults left them.
  std::uint8_t& cell = frames_.cell(page, s.cell);
  Sync::touch(frames_.bytes(page), write);
  const std::uint8_t seen = load_byte(cell);
  if (write) {
    store_byte(cell, s.value);
    frames_.set_dirty(page);
  }
  if (page != kZeroPage) put_page(page, references_of(gup), cpu);
  if (write) return {got};
  return {got, true, seen};
}

template <class Build> Outcome BasicMachine<Build>::sys_ref(const Step& s) {
  Mm* mm = mm_slot(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  const MmapReadLock held(mm->mmap_lock, cpu_of(s.thread));
  migration_.wait_if_any();
  Target t = target_of(s);
  const Outcome found = find_page(s, t);
  if (found != Outcome::ok) return found;
  const Vpn vpn = t.region->vpn(s.first);
  if (!own_tables(*t.mm, {vpn, vpn + 1, true})) return Outcome::oom;
  Pte* at = tables_.find_entry(t.mm->root, vpn);
  if (at == nullptr) return Outcome::inval;
  const PageTableLock lock(tables_.lock_of(at));
  const Pte e = Sync::load(*at);
  if (!pte_present(e)) return Outcome::inval;
  const Held<Sync, LockRank::pool> list(names_);
  try {
    strays_.push_back({{s.process, s.region, s.first}, pte_frame(e)});
  } catch (const std::bad_alloc&) {
    return Outcome::oom;
  }
  if (!pte_special(e)) frames_.get(pte_frame(e), 1);
  return Outcome::ok;
}

template <class Build> Outcome BasicMachine<Build>::sys_unref(const Step& s) {
  Mm* mm = mm_slot(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  const MmapReadLock held(mm->mmap_lock, cpu_of(s.thread));
  Target t = target_of(s);
  if (find_page(s, t) == Outcome::nosuch) return Outcome::nosuch;
  const Slot at{s.process, s.region, s.first};
  FrameNo page = kZeroPage;
  {
    const Held<Sync, LockRank::pool> list(names_);
    const auto is_here = [&](const Stray& stray) { return stray.at == at; };
    const auto latest = std::find_if(strays_.rbegin(), strays_.rend(), is_here);
    if (latest == strays_.rend()) return Outcome::inval;
    page = latest->frame;
    strays_.erase(std::next(latest).base());
  }
  if (page != kZeroPage) put_page(page, 1, cpu_of(s.thread));
  return Outcome::ok;
}

}  // namespace cow::impl

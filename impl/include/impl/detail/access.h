// An instruction of the program, or of a device, that touches one byte: translations, the
// hardware's walk, and the fault where that finds nothing. Linux: arch/x86/mm/fault.c.
#pragma once

#include <algorithm>
#include <optional>

#include "impl/bytes.h"
#include "impl/detail/early_look.h"
#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

// Faults until the byte was touched. The outcome is the first fault's that did something, or hit.
template <class Build> Result BasicMachine<Build>::access(const Step& s, bool write) {
  // Others may undo what a fault did; a mutant must not hang. LIVE-1
  constexpr int kEnoughFaults = 64;
  const unsigned cpu = cpu_of(s.thread);
  const Target t = target_of(s);
  std::uint8_t byte = s.value;
  Outcome first = Outcome::hit;
  const bool refused_by_mutant = write && Build::mutated(M::writable_entry_decides);  // WP-1
  bool done = !refused_by_mutant && t.region != nullptr && cpu_access(s, t, cpu, write, byte);
  for (int faults = 0; !done; ++faults) {
    if (faults == kEnoughFaults) return {Outcome::busy};
    const Outcome fault = user_fault(s, t, cpu, write, byte, done);
    if (refused(fault)) return {fault};
    if (first == Outcome::hit) first = fault;
    // What was found under the locks may have changed before the instruction came to it.
    if (!done) done = cpu_access(s, t, cpu, write, byte);
  }
  if (write) return {first};
  return {first, true, byte};
}

// Where the step's names lie; whether they stand for anything is asked under the mmap_lock.
template <class Build>
typename BasicMachine<Build>::Target BasicMachine<Build>::target_of(const Step& s) const {
  Target t;
  t.mm = mm_slot(s.process);
  if (t.mm != nullptr) t.region = t.mm->regions.find(index(s.region));
  return t;
}

// Before it walks, a CPU makes itself known to whoever will have to flush.
template <class Build> void BasicMachine<Build>::note_cpu(Mm& mm, unsigned cpu) {
  if constexpr (Sync::kConcurrent)
    if ((Sync::load(mm.cpus) & mask_of(cpu)) == 0) Sync::fetch_or(mm.cpus, mask_of(cpu));
}

// The step's page for an instruction; false where the process is not alive or has no such page.
// With the CPU's lock held no process ends or begins between this and the walk: ending flushes the
// CPUs that are known, and one that comes later finds it not alive. REQUIRES: the CPU's lock.
template <class Build>
bool BasicMachine<Build>::find_vpn(const Step& s, const Target& t, unsigned cpu, Vpn& vpn) {
  note_cpu(*t.mm, cpu);
  if (Sync::load(t.mm->alive) != kAlive || s.first >= Sync::load(t.region->pages)) return false;
  vpn = Sync::load(t.region->base) + s.first;
  return true;
}

// Does the instruction, or returns false where it faults.
template <class Build>
bool BasicMachine<Build>::cpu_access(const Step& s, const Target& t, unsigned cpu, bool write,
                                     std::uint8_t& byte) {
  if (Sync::kConcurrent && is_device(cpu)) return device_access(s, t, cpu, write, byte);
  auto& here = cpus_[cpu];
  const CpuLock held(here.lock);
  Vpn vpn = 0;
  if (!find_vpn(s, t, cpu, vpn)) return false;
  Pte e = Sync::kConcurrent ? here.find(t.mm->id, vpn, write) : 0;
  if (e == 0) {
    e = walk(*t.mm, vpn, write);
    if (e == 0) return false;
    if (Sync::kConcurrent) here.remember(t.mm->id, vpn, e);
  }
  touch_byte(e, s, write, byte);
  return true;
}

// A secondary MMU refills while no change is under way. Linux: mmu_interval_read_retry.
template <class Build>
bool BasicMachine<Build>::device_access(const Step& s, const Target& t, unsigned cpu, bool write,
                                        std::uint8_t& byte) {
  auto& here = cpus_[cpu];
  Vpn vpn = 0;
  {
    const CpuLock held(here.lock);
    if (!find_vpn(s, t, cpu, vpn)) return false;
    if (const Pte known = here.find(t.mm->id, vpn, write); known != 0) {
      touch_byte(known, s, write, byte);
      return true;
    }
  }
  const Held<Sync, LockRank::notifier> no_change(t.mm->notifier);
  const CpuLock held(here.lock);
  if (!find_vpn(s, t, cpu, vpn)) return false;
  const Pte e = walk(*t.mm, vpn, write);
  if (e == 0) return false;
  here.remember(t.mm->id, vpn, e);
  touch_byte(e, s, write, byte);
  return true;
}

template <class Build>
void BasicMachine<Build>::touch_byte(Pte entry, const Step& s, bool write, std::uint8_t& byte) {
  const FrameNo page = pte_frame(entry);
  Sync::touch(frames_.bytes(page), write);
  if (write) store_byte(frames_.cell(page, s.cell), byte);
  else byte = load_byte(frames_.cell(page, s.cell));
}

template <class Build> Pte BasicMachine<Build>::walk(Mm& mm, Vpn vpn, bool write) {
  const Pte root = Sync::load(mm.root);
  const auto [at, owed] = tables_.find_place(root, vpn);
  if (root == 0 || at == nullptr) return 0;
  if (!Build::kSharesTables || owed == 0 || Build::mutated(M::walk_ignores_debt))
    return use_entry(*at, write);
  // Others may see this entry: nothing is set in it.
  const Pte e = Sync::load(*at) & ~owed;
  constexpr Pte kRead = kPresent | kAccessed;
  return !write && (e & kRead) == kRead ? e : 0;
}

// What hardware does with the entry that its walk came to: sets accessed and dirty where missing,
// as one compare-and-swap of what it has seen. Returns the entry, or 0 for a page fault.
template <class Build> Pte BasicMachine<Build>::use_entry(Pte& at, bool write) {
  const Pte needs = kPresent | (write ? kWrite : 0);
  const Pte sets = kAccessed | (write ? kDirty | kSoftDirty : 0);
  Pte e = Sync::load(at);
  while ((e & needs) == needs) {
    if ((e & sets) == sets || Sync::cas(at, e, e | sets)) return e | sets;
  }
  return 0;
}

// `done` says whether the instruction has been carried out again, too: its CPU comes to the entry
// before the fault lets go of the address space, so that the table is there, and looks at it after.
template <class Build>
Outcome BasicMachine<Build>::user_fault(const Step& s, const Target& at, unsigned cpu, bool write,
                                        std::uint8_t& byte, bool& done) {
  if (at.mm == nullptr) return Outcome::nosuch;
  std::optional<typename Hugetlb::Lock> held(std::in_place, *this, *at.mm, cpu);
  if (protects_late<Build>() && Sync::load(at.mm->tlb_flush_pending) != 0)
    flush(*at.mm, 0, kAddressSpace);
  Target t = at;
  const Outcome found = find_page(s, t);
  if (found != Outcome::ok) return found;
  if (!access_allowed(t.area->flags, write)) return Outcome::segv;  // WP-5
  EarlyLook early(*this, cpu);
  if (EarlyLook::is_done() && !early.look(s, t, write, held)) return Outcome::hit;
  Fault f{*t.mm, *t.region, *t.area, s.first, write, false, cpu};
  const Outcome outcome = EarlyLook::is_done() ? early.fault(f) : handle_mm_fault(f);
  if (refused(outcome) || is_device(cpu)) return outcome;
  auto& here = cpus_[cpu];
  note_cpu(*t.mm, cpu);
  const CpuLock instruction(here.lock);
  held.reset();
  if (const Pte e = use_entry(*f.pte, write); e != 0) {
    if (Sync::kConcurrent) here.remember(t.mm->id, f.vpn(), e);
    touch_byte(e, s, write, byte);
    done = true;
  }
  return outcome;
}

// No CPU uses an older translation of these pages afterwards.
template <class Build> void BasicMachine<Build>::flush(Mm& mm, Vpn first, Vpn end) {
  if constexpr (!Sync::kConcurrent) return;
  Sync::fence();  // who comes to the mask later sees what was changed before
  const CpuMask spared = Build::mutated(M::notifier_skipped) ? kDevices : 0;
  cpus_.flush(Sync::load(mm.cpus) & ~spared, mm.id, first, end);
}

// While it lives, secondary MMUs neither hold nor take translations of the pages. Linux:
// mmu_notifier_invalidate_range_start, _end. One that comes to the address space later is flushed
// as CPUs are.
template <class Build> class BasicMachine<Build>::NotifierRange {
 public:
  NotifierRange(BasicMachine& machine, Mm& mm, Vpn first, Vpn end)
      : devices_(devices_of(mm)), held_(devices_ == 0 ? nullptr : &mm.notifier) {
    if (devices_ != 0) machine.cpus_.flush(devices_, mm.id, first, end);
  }

 private:
  static CpuMask devices_of(const Mm& mm) {
    if constexpr (!Sync::kConcurrent) return 0;
    if (Build::mutated(M::notifier_skipped)) return 0;
    Sync::fence();
    return Sync::load(mm.cpus) & kDevices;
  }
  const CpuMask devices_;
  const HeldIf<Sync, LockRank::notifier> held_;
};

}  // namespace cow::impl

// How wrong variants of reclaim, KSM and migration meet those whom here a lock keeps away from
// them, and in Linux did not: a fault that goes by what it saw before it held what keeps that so,
// and an mprotect that lets others go on before it has flushed.
#pragma once

#include <cstring>
#include <vector>

#include "impl/bytes.h"
#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

// Then the flush is told by the count, as userfaultfd's is (WP-3): who meets it flushes, but for
// the wrong variant.
template <class Build> bool protects_late() {
  return Build::mutated(Mutant::ksm_trusts_read_only) ||
         Build::mutated(Mutant::migration_trusts_none);
}

// In between the fault lets go of its address space, and only reclaim and KSM are to have come: a
// fork is told by its sequence.
template <class Build> struct BasicMachine<Build>::EarlyLook {
  EarlyLook(BasicMachine& of, unsigned on) : machine(of), cpu(on) {}

  static bool is_done() {
    return Build::mutated(M::swapin_unserialized) || Build::mutated(M::ksm_reuse_unfrozen);
  }
  // False: the page may no longer be touched so, or is gone.
  bool look(const Step& s, Target& t, bool write, auto& held) {
    Fault f{*t.mm, *t.region, *t.area, s.first, write, false, cpu};
    const std::uint32_t forks = Sync::load(t.mm->write_protect_seq);
    if (at(f) != nullptr) look_at(f, Sync::load(*at(f)));
    held.reset();
    held.emplace(machine, *t.mm, cpu);
    if (Sync::load(t.mm->write_protect_seq) != forks) entry = 0;
    return machine.find_page(s, t) == Outcome::ok && access_allowed(t.area->flags, write);
  }
  // The fault, by what was seen, if only the entry is the same again.
  Outcome fault(Fault& f) {
    if (entry == 0 || at(f) == nullptr || Sync::load(*at(f)) != entry)
      return machine.handle_mm_fault(f);
    if (alone) return reuse(f);
    put_back();
    return machine.handle_mm_fault(f);
  }

 private:
  Pte* at(const Fault& f) { return machine.tables_.find_entry(f.mm.root, f.vpn()); }
  void look_at(const Fault& f, Pte e) {
    if (Build::mutated(M::swapin_unserialized) && is_swap_pte(e)) read_slot(e);
    if (!Build::mutated(M::ksm_reuse_unfrozen) || !f.write || !pte_present(e)) return;
    if (pte_write(e) || pte_special(e) || uffd_wp(f.area.flags, e)) return;
    alone = page_ksm(machine.frames_.flags(pte_frame(e))) && machine.may_reuse(f, pte_frame(e));
    if (alone) entry = e;
  }
  // What one entry alone has swapped out goes past the swap cache.
  void read_slot(Pte e) {
    const SwapLock device(machine.swap_.lock());
    const SwapNo n = swap_slot(e);
    if (machine.swap_.page(n) != kNoPage || machine.swap_.users(n) != 1) return;
    slot.assign(machine.swap_.bytes(n), machine.swap_.bytes(n) + kPageBytes);
    entry = e;
  }
  // Nobody but the entry names the slot: so it is as if the page got what was read.
  void put_back() {
    const SwapLock device(machine.swap_.lock());
    std::memcpy(machine.swap_.bytes(swap_slot(entry)), slot.data(), kPageBytes);
  }
  Outcome reuse(Fault& f) {
    f.pte = at(f);
    f.orig = entry;
    const PageTableLock held(machine.tables_.lock_of(f.pte));
    machine.own_alone(pte_frame(entry), cpu);
    return machine.wp_page_reuse(f);
  }

  BasicMachine& machine;
  unsigned cpu;
  Pte entry = 0;  // as it was; 0: nothing was seen
  bool alone = false;
  std::vector<std::uint8_t> slot;
};

}  // namespace cow::impl

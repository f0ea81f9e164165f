// How the entries of an area look.
#pragma once

#include <cstddef>

#include "cow/step.h"
#include "cow/view.h"
#include "impl/decisions.h"
#include "impl/pte.h"

namespace cow::impl {

constexpr std::size_t slot_of(Kind kind) { return static_cast<std::size_t>(kind); }  // in Mm::rss

// The bits that hardware checks. Never the write bit: a private entry gets it from maybe_mkwrite
// alone, so that the first write always faults.
constexpr Pte protection_of(VmFlags area) {
  return vm_has(area, kVmRead | kVmWrite) ? kPresent | kUser | kNoExec : kProtNone | kNoExec;
}

// A new entry: young, because x86's vm_page_prot is; soft-dirty until clear-refs says otherwise.
constexpr Pte mk_pte(FrameNo frame, VmFlags area) {
  return Pte{frame} << kFrameShift | protection_of(area) | kAccessed | kSoftDirty;
}

constexpr Pte maybe_mkwrite(Pte e, VmFlags area) { return vm_has(area, kVmWrite) ? e | kWrite : e; }

// A moved entry tells who watches that something is new at its place. Linux: move_soft_dirty_pte.
constexpr Pte moved_entry(Pte e) { return e | kSoftDirty; }

constexpr VmFlags prot_flags(Prot prot) {
  return prot == Prot::rw ? kVmRead | kVmWrite : prot == Prot::ro ? kVmRead : 0;
}

// What hardware may yet set in an entry: accessed, and on a write dirty. Nobody else changes an
// entry while its table's lock is held, so one with nothing left to set may be changed by a plain
// store.
constexpr bool hardware_may_change(Pte e) {
  constexpr Pte kWritten = kDirty | kSoftDirty;
  return (e & kAccessed) == 0 || (pte_write(e) && (e & kWritten) != kWritten);
}

// Puts change(entry) in the place of a present entry, hardware's bits and all; returns what was
// there. REQUIRES: the table's lock.
template <class Sync, class Change> Pte change_entry(Pte& at, Change change) {
  Pte e = Sync::load(at);
  if (!hardware_may_change(e)) {
    Sync::store(at, change(e));
    return e;
  }
  while (!Sync::cas(at, e, change(e))) {
  }
  return e;
}

}  // namespace cow::impl

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

constexpr VmFlags prot_flags(Prot prot) {
  return prot == Prot::rw ? kVmRead | kVmWrite : prot == Prot::ro ? kVmRead : 0;
}

}  // namespace cow::impl

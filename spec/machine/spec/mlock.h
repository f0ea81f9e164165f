// mlock and the population of what it locks (5.14 mm/mlock.c, mm/gup.c).
#pragma once

#include "spec/gup.h"

namespace cow::spec {

// Is a page that is populated to be its process's own? populate_vma_page_range.
auto populates_for_writing(const auto& m, const auto& s) {  // LOCK-1
  return vma_of(m, s).write && is_private(m, s) && !m.mutated(Mutant::lock_reads);
}

std::optional<Access> populate_needs_fault(const auto& m, const auto& s) {
  const Access access = populates_for_writing(m, s) ? Access::write : Access::read;
  if (pte_allows(m, s, access)) return std::nullopt;
  return access;
}

// Does mprotect populate what it has made writable? mprotect_fixup.
auto mprotect_populates(const auto& was, const auto& want) {  // LOCK-1
  return was.locked && !was.shared && !was.write && want.write;
}

}  // namespace cow::spec

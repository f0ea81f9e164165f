// userfaultfd write protection (5.14 mm/memory.c, mm/mprotect.c, fs/userfaultfd.c).
#pragma once

#include "spec/zap.h"

namespace cow::spec {

// UFFDIO_WRITEPROTECT, one entry that is there (WP-2).
void uffd_protect(auto& m, const auto& s) {
  m.uffd[s].wp = yes;
  m.pte[s].writable = no;
}

// … and taken back. Whether the program may write at once is for the rules to say; where they say
// no, an entry that was not protected is read-only from here on, too (UFFD-1).
void uffd_lift(auto& m, const auto& s) {
  m.uffd[s].wp = no;
  if (!m.pte[s].present) return;
  if (!m.rules.uffd_restores_write) m.pte[s].writable = no;
  else
    m.pte[s].writable = vma_of(m, s).write && (m.pte[s].writable || mprotect_may_enable(m, s) ||
                                               m.mutated(Mutant::uffd_lift_writes));
}

}  // namespace cow::spec

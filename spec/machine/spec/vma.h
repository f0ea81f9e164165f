// Areas: mprotect, madvise and mlock split and merge them, and fork's copying shows it (FORK-5,
// VMA-1).
#pragma once

#include "cow/step.h"
#include "spec/state.h"

namespace cow::spec {

bool same_flags(const auto& a, const auto& b) {
  return a.read == b.read && a.write == b.write && a.dontfork == b.dontfork &&
         a.wipeonfork == b.wipeonfork && a.locked == b.locked && a.mergeable == b.mergeable &&
         a.uffd == b.uffd && a.hugepage == b.hugepage && a.nohugepage == b.nohugepage;
}

inline bool advises(const Step& step, Advice advice) {
  return step.op == Op::advise && step.advice == advice;
}

// What the step makes of an area's flags. Hugetlb memory is neither locked nor merged.
void set_flags(auto& vma, const Step& step, bool hugetlb) {
  const bool merges = advises(step, Advice::mergeable) || advises(step, Advice::unmergeable);
  if (hugetlb && (merges || step.op == Op::lock || step.op == Op::unlock)) return;
  if (step.op == Op::protect) {
    vma.read = step.prot != Prot::none;
    vma.write = step.prot == Prot::rw;
  } else if (step.op != Op::advise) {
    vma.locked = step.op == Op::lock;
  } else if (step.advice == Advice::dontfork || step.advice == Advice::dofork) {
    vma.dontfork = step.advice == Advice::dontfork;
  } else if (merges) {
    vma.mergeable = step.advice == Advice::mergeable && !vma.shared;
  } else if (step.advice == Advice::hugepage || step.advice == Advice::nohugepage) {
    vma.hugepage = step.advice == Advice::hugepage && !vma.file;
    vma.nohugepage = step.advice == Advice::nohugepage && !vma.file;
  } else {
    vma.wipeonfork = step.advice == Advice::wipeonfork;
  }
}

// is_mergeable_anon_vma: may the changed piece join this neighbour? An inherited anon_vma is not
// shared with pages that have none (VMA-2). (Two of one sort may join: how far such an area reaches
// is not visible.)
bool anon_vma_compatible(const auto& m, const auto& piece, const auto& neighbour) {
  if (piece.anon_vma == neighbour.anon_vma) return piece.inherited == neighbour.inherited;
  if (neighbour.anon_vma) return !neighbour.inherited;
  return m.rules.merges_touched_into_empty && !piece.inherited;
}

// vma_merge or split_vma: the pages first .. last of one area get the flags of `want`.
void change_area(auto& m, auto& areas, std::size_t i, std::uint32_t first, std::uint32_t last,
                 const auto& want) {
  using Run = typename std::remove_reference_t<decltype(areas)>::Run;
  const auto joins = [&](bool touches, std::size_t n) {
    return touches && n < areas.all().size() && same_flags(m.vma[areas.all()[n].value], want) &&
           anon_vma_compatible(m, want, m.vma[areas.all()[n].value]);
  };
  const Run whole = areas.all()[i];
  const Run before = i > 0 ? areas.all()[i - 1] : whole;
  const Run after = i + 1 < areas.all().size() ? areas.all()[i + 1] : whole;
  const bool left = joins(first == whole.first && i > 0 && before.last + 1 == first, i - 1);
  const bool right = joins(last == whole.last && after.first == last + 1, i + 1);
  auto row = want;
  const auto take_anon_vma = [&](const Run& from) {
    if (row.anon_vma) return;
    row.anon_vma = m.vma[from.value].anon_vma;
    row.inherited = m.vma[from.value].inherited;
  };
  if (left) take_anon_vma(before);
  if (right) take_anon_vma(after);
  const Run piece{left ? before.first : first, right ? after.last : last, m.vma.append(row)};
  const auto copy_of = [&m](auto v) { return m.vma.append(m.vma[v]); };
  areas.erase(piece.first, piece.last, copy_of);
  areas.insert(piece);
}

}  // namespace cow::spec

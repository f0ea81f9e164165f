// What the words mean: bit numbers as the processor and Linux define them, written down once more,
// so that the implementation's constants are proved too.
#include "prove/facts.h"

namespace cow::prove {

namespace {

constexpr std::uint64_t kAnon = 1, kFile = 2, kShmem = 3, kZero = 4;

Word<3> kind_of(const Words& w) { return w.flags.bits<2, 0>(); }

}  // namespace

void set_anon_vma(spec::Vma<FactLogic>& vma, const Word<8>& word) {
  vma.anon_vma = word != Word<8>(0);
  vma.inherited = word == Word<8>(2);
}

Facts::Facts(const Words& w, const impl::RuleBits<Truth>& rule_bits)
    : rules(rule_bits), words(w), f(w.entry.bits<43, 12>()) {
  auto& entry = pte[s];
  entry.present = w.entry.bit<0>() || w.entry.bit<8>();
  entry.writable = w.entry.bit<1>();
  entry.young = w.entry.bit<5>();
  entry.dirty = w.entry.bit<6>();
  entry.soft_dirty = w.entry.bit<11>();
  entry.frame = f;
  auto& mapped_page = page[f];
  mapped_page.anon = kind_of(w) == Word<3>(kAnon);
  mapped_page.shmem = kind_of(w) == Word<3>(kShmem);
  mapped_page.exclusive = w.flags.bit<3>();
  auto& area_row = vma[AreaId::here];
  area_row.read = w.area.bit<0>();
  area_row.write = w.area.bit<1>();
  area_row.shared = w.area.bit<3>();
  area_row.dontfork = w.area.bit<17>();
  area_row.wipeonfork = w.area.bit<25>();
  set_anon_vma(area_row, w.anon_vma);
  mm[One::one].has_pinned = w.has_pinned;
}

std::vector<z3::expr> Facts::assumptions() const {
  const Words& w = words;
  const Truth file_or_shmem = kind_of(w) == Word<3>(kFile) || kind_of(w) == Word<3>(kShmem);
  const Truth is_zero_kind = kind_of(w) == Word<3>(kZero);
  const auto one_of_three = [](const Word<8>& a) { return (a <= Word<8>(2)).e; };
  std::vector<z3::expr> all;
  // fits
  all.push_back((mapped.count(f) == Word<64>::widened(w.mappings)).e);
  all.push_back((refcount(*this, f) == Word<64>::widened(w.references)).e);
  // kind
  all.push_back((kind_of(w) == Word<3>(kAnon) || file_or_shmem || is_zero_kind).e);
  all.push_back((!page[f].cached || file_or_shmem).e);
  // zero
  all.push_back((is_zero() == is_zero_kind && is_zero() == w.entry.bit<9>()).e);
  // prot, maywrite
  all.push_back((!here().write || here().read).e);
  all.push_back(w.area.bit<5>().e);
  // anon_vma
  all.insert(all.end(), {one_of_three(w.anon_vma), one_of_three(w.before), one_of_three(w.after)});
  // shows
  const Truth shows_object = file_or_shmem && page[f].shmem == here().shmem;
  all.push_back((!here().shared || shows_object).e);
  return all;
}

}  // namespace cow::prove

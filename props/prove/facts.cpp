// What the words mean: bit numbers as the processor and Linux define them, written down once more,
// so that the implementation's constants are proved too.
#include "prove/facts.h"

namespace cow::prove {

namespace {

constexpr std::uint64_t kAnon = 1, kFile = 2, kShmem = 3, kZero = 4;
constexpr std::uint64_t kKsm = 5, kSwapCache = 6, kKsmInSwapCache = 7;  // anonymous pages too

Word<3> kind_of(const Words& w) { return w.flags.bits<2, 0>(); }

}  // namespace

void set_area_flags(spec::Vma<FactLogic>& vma, const Word<32>& word) {
  vma.read = word.bit<0>();
  vma.write = word.bit<1>();
  vma.shared = word.bit<3>();
  vma.dontfork = word.bit<17>();
  vma.wipeonfork = word.bit<25>();
  vma.locked = word.bit<13>();
  vma.uffd = word.bit<12>();
  vma.mergeable = word.bit<31>();
  vma.hugepage = word.bit<29>();
  vma.nohugepage = word.bit<30>();
}

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
  uffd[s].wp = w.entry.bit<10>();
  swap_pte[s].is_swap = w.entry.bit<58>();
  swap_pte[s].exclusive = w.entry.bit<59>();
  swap_pte[s].slot = One::one;
  auto& mapped_page = page[f];
  auto& anonymous = more[f];
  anonymous.ksm = kind_of(w) == Word<3>(kKsm) || kind_of(w) == Word<3>(kKsmInSwapCache);
  anonymous.in_cache = kind_of(w) == Word<3>(kSwapCache) || kind_of(w) == Word<3>(kKsmInSwapCache);
  anonymous.dirty = w.marks.bit<30>();
  anonymous.lazy = w.marks.bit<29>();
  anonymous.slot = One::one;
  mapped_page.anon = kind_of(w) == Word<3>(kAnon) || anonymous.ksm || anonymous.in_cache;
  mapped_page.shmem = kind_of(w) == Word<3>(kShmem);
  mapped_page.exclusive = w.flags.bit<3>();
  set_area_flags(vma[AreaId::here], w.area);
  set_anon_vma(vma[AreaId::here], w.anon_vma);
  mm[One::one].has_pinned = w.has_pinned;
  folio.words = &w;
  assume_words();
}

void Facts::assume_words() {
  const Words& w = words;
  const Truth file_or_shmem = kind_of(w) == Word<3>(kFile) || kind_of(w) == Word<3>(kShmem);
  const Truth is_zero_kind = kind_of(w) == Word<3>(kZero);
  const auto assume = [this](const Truth& b) { of_words_.push_back(b.e); };
  // kind
  assume(page[f].anon || file_or_shmem || is_zero_kind);
  assume(!page[f].cached || file_or_shmem);
  // swap
  assume(!swap_pte[s].is_swap || !pte[s].present);
  // zero
  assume(is_zero() == is_zero_kind && is_zero() == w.entry.bit<9>());
  // prot, maywrite
  assume(!here().write || here().read);
  assume(w.area.bit<5>());
  // anon_vma
  for (const Word<8>& a : {w.anon_vma, w.before, w.after}) assume(a <= Word<8>(2));
  // shows
  assume(!here().shared || (file_or_shmem && page[f].shmem == here().shmem));
  // folio
  assume(w.most_mapped >= Word<64>(1) && w.most_mapped >= Word<64>::widened(w.mappings));
  assume(w.own_mappings <= w.folio_mappings);
  // fits: the gets are what the other counts leave of the references, so that the sum is that word
  // by arithmetic alone
  mapped.set(f, Word<64>::widened(w.mappings));
  swapped.set(One::one, w.swapcount);
  gets.set(f, Word<64>(0));
  gets.set(f, Word<64>::widened(w.references) - refcount(*this, f));
  of_counts_.push_back((gets.count(f) <= Word<64>(0xffff'ffff)).e);
  mapped.asked = gets.asked = pins.asked = false;
}

std::vector<z3::expr> Facts::assumptions() const {
  std::vector<z3::expr> all = of_words_;
  if (mapped.asked || gets.asked || pins.asked)
    all.insert(all.end(), of_counts_.begin(), of_counts_.end());
  return all;
}

}  // namespace cow::prove

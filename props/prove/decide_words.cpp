// Words: every bit and field that the implementation reads is the fact that it takes it for, and
// adding to the counts word never carries from one half into the other.
#include "prove/decision_table.h"

namespace cow::prove {

namespace {

constexpr std::uint64_t kHalf = std::uint64_t{1} << 31;  // from here on impl takes no reference

Word<64> refcount_now(Facts& m) { return refcount(m, m.f); }

// Are both halves of the word what the specification counts now?
Truth agree(Facts& m, const Word<64>& counts) {
  return impl::mapcount_of(counts) == m.mapped.count(m.f) &&
         impl::refcount_of(counts) == refcount_now(m);
}

Decision bit(const char* name, const char* clause, Decided decided,
             std::function<Truth(Facts&)> fact) {
  return {name, clause, std::move(decided), std::move(fact), {}};
}

Decision pte_bit(const char* name, const char* clause, Truth (*decided)(Word<64>),
                 Truth spec::Pte<FactLogic>::*fact) {
  return bit(
      name, clause, [=](const Words& w, const RuleWords&) { return decided(w.entry); },
      [=](Facts& m) { return m.pte[m.s].*fact; });
}

void add_bits(std::vector<Decision>& all) {
  using SpecPte = spec::Pte<FactLogic>;
  using Area = spec::Vma<FactLogic>;
  all.push_back(pte_bit("pte_present", "WP-1", impl::pte_present, &SpecPte::present));
  all.push_back(pte_bit("pte_write", "WP-1", impl::pte_write, &SpecPte::writable));
  all.push_back(pte_bit("pte_dirty", "COPY-3", impl::pte_dirty, &SpecPte::dirty));
  all.push_back(pte_bit("pte_young", "FORK-6", impl::pte_young, &SpecPte::young));
  all.push_back(pte_bit("pte_soft_dirty", "PIN-4", impl::pte_soft_dirty, &SpecPte::soft_dirty));
  all.push_back(bit(
      "pte_special", "ZERO-1",
      [](const Words& w, const RuleWords&) { return impl::pte_special(w.entry); },
      [](Facts& m) { return m.is_zero(); }));
  all.push_back(bit(
      "page_anon", "REUSE-2",
      [](const Words& w, const RuleWords&) { return impl::page_anon(w.flags); },
      [](Facts& m) { return m.page[m.f].anon; }));
  all.push_back(bit(
      "page_ksm", "KSM-2", [](const Words& w, const RuleWords&) { return impl::page_ksm(w.flags); },
      [](Facts& m) { return is_ksm(m, m.f); }));
  all.push_back(bit(
      "page_swap_cache", "SWAP-3",
      [](const Words& w, const RuleWords&) { return impl::page_swap_cache(w.flags); },
      [](Facts& m) { return in_swap_cache(m, m.f); }));
  all.push_back(bit(
      "pte_uffd_wp", "WP-2",
      [](const Words& w, const RuleWords&) { return impl::pte_uffd_wp(w.entry); },
      [](Facts& m) { return m.uffd[m.s].wp; }));
  all.push_back(bit(
      "page_exclusive", "PIN-3",
      [](const Words& w, const RuleWords&) { return impl::page_exclusive(w.flags); },
      [](Facts& m) { return m.page[m.f].exclusive; }));
  all.push_back(bit(
      "page_in_cache", "INT-1",
      [](const Words& w, const RuleWords&) { return impl::page_in_cache(w.flags); },
      [](Facts& m) { return !m.page[m.f].anon && !m.is_zero(); }));
  const auto area = [&](const char* name, const char* clause, impl::VmFlags flag,
                        Truth Area::*fact) {
    all.push_back(bit(
        name, clause, [=](const Words& w, const RuleWords&) { return impl::vm_has(w.area, flag); },
        [=](Facts& m) { return m.here().*fact; }));
  };
  area("vm_has(VM_READ)", "WP-5", impl::kVmRead, &Area::read);
  area("vm_has(VM_WRITE)", "WP-5", impl::kVmWrite, &Area::write);
  area("vm_has(VM_SHARED)", "SHM-1", impl::kVmShared, &Area::shared);
  area("vm_has(VM_DONTCOPY)", "FORK-3", impl::kVmDontCopy, &Area::dontfork);
  area("vm_has(VM_WIPEONFORK)", "FORK-3", impl::kVmWipeOnFork, &Area::wipeonfork);
  area("vm_has(VM_LOCKED)", "FORK-4", impl::kVmLocked, &Area::locked);
  area("vm_has(VM_UFFD_WP)", "UFFD-1", impl::kVmUffdWp, &Area::uffd);
  area("vm_has(VM_MERGEABLE)", "KSM-1", impl::kVmMergeable, &Area::mergeable);
  area("vm_has(VM_HUGEPAGE)", "HUGE-6", impl::kVmHugePage, &Area::hugepage);
  area("vm_has(VM_NOHUGEPAGE)", "HUGE-7", impl::kVmNoHugePage, &Area::nohugepage);
}

void add_counts(std::vector<Decision>& all) {
  const auto always = [](const Words&, const RuleWords&) { return Truth(true); };
  all.push_back({"mapcount_of, refcount_of",
                 "CNT-2",
                 always,
                 [](Facts& m) { return agree(m, m.words.counts); },
                 {}});
  all.push_back({"counts + a mapping",
                 "CNT-1",
                 always,
                 [](Facts& m) {
                   count_mapping(m, m.s, m.f);
                   m.asked_if(refcount_now(m) <= Word<64>(impl::kRefcountMask));
                   return agree(m, m.words.counts + Word<64>(impl::kOneMapping));
                 },
                 {}});
  all.push_back({"counts + a pin, below 2^31",
                 "CNT-2",
                 always,
                 [](Facts& m) {
                   m.asked_if(!m.is_zero() && refcount_now(m) < Word<64>(kHalf));
                   grab_page(m, One::one, m.s, {true, true, false, false, false});
                   return agree(m, m.words.counts + Word<64>(impl::kPinBias));
                 },
                 {}});
  all.push_back({"counts + a get, below 2^31",
                 "CNT-2",
                 always,
                 [](Facts& m) {
                   m.asked_if(!m.is_zero() && refcount_now(m) < Word<64>(kHalf));
                   grab_page(m, One::one, m.s, {true, false, false, false, false});
                   return agree(m, m.words.counts + Word<64>(1));
                 },
                 {}});
}

Decided nothing_left_after(std::uint64_t dropped) {
  return [=](const Words& w, const RuleWords&) {
    return impl::refcount_of(w.counts - Word<64>(dropped)) == Word<64>(0);
  };
}

Truth freed_by_release(Facts& m, bool pin) {
  m.asked_if(!m.is_zero() && (pin ? m.pins.count(m.f) : m.gets.count(m.f)) > 0);
  m.ref[One::one].frame = m.f;
  m.ref[One::one].pin = pin;
  release_page(m, One::one);
  return m.memory.frees;
}

// With its last mapping: no entry has the slot either (SWAP-3).
Truth leaves_swap_cache(Facts& m) {
  return in_swap_cache(m, m.f) && m.mapped.count(m.f) == 1 && swapcount(m, m.f) == 0;
}

void add_frees(std::vector<Decision>& all) {
  all.push_back({"freed by the last mapping",
                 "EXIT-1",
                 nothing_left_after(impl::kOneMapping),
                 [](Facts& m) {
                   m.asked_if(!m.is_zero() && m.mapped.count(m.f) > 0);
                   m.asked_if(!leaves_swap_cache(m));
                   drop_mapping(m, m.s, m.f);
                   return m.memory.frees;
                 },
                 {{"asks for mappings only", [](const Words& w, const RuleWords&) {
                     return impl::mapcount_of(w.counts - Word<64>(impl::kOneMapping)) ==
                            Word<64>(0);
                   }}}});
  all.push_back(
      {"freed by the last mapping, out of the swap cache",
       "SWAP-3",
       nothing_left_after(impl::kOneMapping + 1),
       [](Facts& m) {
         m.asked_if(!m.is_zero() && leaves_swap_cache(m));
         drop_mapping(m, m.s, m.f);
         return m.memory.frees;
       },
       {{"the swap cache's reference forgotten", nothing_left_after(impl::kOneMapping)}}});
  all.push_back({"freed by the last pin",
                 "CNT-2",
                 nothing_left_after(impl::kPinBias),
                 [](Facts& m) { return freed_by_release(m, true); },
                 {{"drops one instead of 1024", nothing_left_after(1)}}});
  all.push_back({"freed by the last get",
                 "CNT-2",
                 nothing_left_after(1),
                 [](Facts& m) { return freed_by_release(m, false); },
                 {{"drops a mapping", nothing_left_after(impl::kOneMapping + 1)}}});
}

}  // namespace

std::vector<Decision> word_decisions() {
  std::vector<Decision> all;
  add_bits(all);
  add_counts(all);
  add_frees(all);
  return all;
}

}  // namespace cow::prove

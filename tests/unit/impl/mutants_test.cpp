// Each wrong variant is noticed: it does something else than the shipped machine, or its own counts
// no longer agree.
#include "mutated.h"
#include "random_steps.h"

namespace cow::test {
namespace {

using impl::Mutant;
using impl::MutatedBuild;
using impl::MutatedMachine;

bool views_differ(const impl::Machine& good, const MutatedMachine& bad) {
  for (std::uint32_t p = 0; p < 4; ++p) {
    if (good.alive(Pid{p}) != bad.alive(Pid{p}) || good.rss(Pid{p}) != bad.rss(Pid{p})) return true;
    for (std::uint32_t r = 0; r <= RandomSteps::kMovedTo; ++r)
      for (std::uint32_t page = 0; page < 4; ++page) {
        const Slot at{Pid{p}, Region{r}, page};
        const PteView v = good.pte(at);
        if (v != bad.pte(at)) return true;
        if (v.present && good.page(v.frame) != bad.page(v.frame)) return true;
      }
  }
  return false;
}

// The number of steps after which a trace tells the mutant from the shipped machine; 0: never.
int noticed_after(std::uint32_t seed) {
  const Rules& rules = kRules[seed % kRules.size()];
  const Setup setup = RandomSteps::setup(seed);
  impl::Machine good(setup, rules);
  MutatedMachine bad(setup, rules);
  RandomSteps next(seed);
  for (int i = 1; i <= 120; ++i) {
    const Step s = next();
    if (good.run(s) != bad.run(s) || views_differ(good, bad) || bad.check_counts()) return i;
  }
  return 0;
}

// What random steps come to once in hundreds of thousands, if at all.
bool noticed_by_hand() {
  const Region a{0}, moved{RandomSteps::kMovedTo};
  const At first{a}, second{a, 1};
  const Range one{a, 0, 0}, both{a, 0, 1}, all{a, 0, 511};
  Step huge = map_anon(P0, a, 512);
  huge.huge = true;
  Step huge_ro = huge;
  huge_ro.prot = Prot::ro;
  Step hugetlb = map_anon(P0, a, 512), another = map_anon(P0, moved, 512);
  hugetlb.hugetlb = another.hugetlb = true;
  const std::vector<Step> by_hand[] = {
      // Hugetlb memory with one page for it: who takes it from whom; what is lost; a part of it;
      // and
      // a second mapping.
      {hugetlb, write(P0, first, 1), fork(P0, P1), write(P0, first, 2), read(P1, first)},
      {hugetlb, write(P0, first, 1), fork(P0, P1), write(P0, first, 2), exit(P0), read(P1, first)},
      {hugetlb, write(P0, first, 1), clear_refs(P0), write(P0, first, 2)},
      {hugetlb, another},
      // A moved entry's soft-dirty bit, asked by a forced write.
      {map_anon(P0, a, 1), write(P0, first, 1), clear_refs(P0), remap(P0, {a, 0, 0}, moved),
       protect(P0, {moved, 0, 0}, Prot::ro), force_write(P0, {moved}, 2)},
      // … and an entry's that did not move.
      {map_anon(P0, a, 1), write(P0, first, 1), clear_refs(P0), protect(P0, {a, 0, 0}, Prot::ro),
       force_write(P0, first, 2)},
      // Whose page it is after it was merged and taken apart.
      {map_anon(P0, a, 2), advise(P0, both, Advice::mergeable), write(P0, first, 1),
       write(P0, second, 1), sys_ksm(P0, first, P0, second), advise(P0, both, Advice::unmergeable),
       write(P0, second, 2)},
      // A page that is given up: then reclaimed; written by force, and shared; written since; held.
      {map_anon(P0, a, 1), write(P0, first, 1), advise(P0, one, Advice::free),
       sys_swapout(P0, first)},
      {map_anon(P0, a, 1), write(P0, first, 1), force_write(P0, first, 2), fork(P0, P1),
       advise(P1, one, Advice::free), sys_swapout(P0, first)},
      {map_anon(P0, a, 1), write(P0, first, 1), advise(P0, one, Advice::free), write(P0, first, 2),
       sys_swapout(P0, first)},
      {map_anon(P0, a, 1), write(P0, first, 1), advise(P0, one, Advice::free),
       pin(P0, k, first, Prot::ro), sys_swapout(P0, first)},
      // A reference for reading to a page that a child shares; a forced write to the huge zero
      // page.
      {map_anon(P0, a, 1), write(P0, first, 1), fork(P0, P1), pin(P0, k, first, Prot::ro),
       write(P0, first, 2)},
      {huge_ro, read(P0, first), force_write(P0, first, 1)},
      // Small pages that become a huge one: while one is held; and their bytes.
      {map_anon(P0, a, 512), write(P0, first, 1), pin(P0, k, first, Prot::rw),
       advise(P0, all, Advice::collapse)},
      {map_anon(P0, a, 512), write(P0, first, 1), advise(P0, all, Advice::collapse),
       read(P0, first)},
      // A huge page that is shared; that is pinned; of which a part changes; of whose folio one
      // page
      // is mapped once; of which the other process's entry stays.
      {huge, write(P0, first, 1), fork(P0, P1), write(P0, first, 2)},
      {huge, write(P0, first, 1), pin(P0, k, first, Prot::rw), fork(P0, P1), write(P0, first, 2)},
      {huge, write(P0, first, 1), protect(P0, both, Prot::ro), write(P0, {a, 2}, 2)},
      {huge, write(P0, first, 1), fork(P0, P1), write(P0, first, 2), unmap(P1, {a, 1, 1}),
       write(P0, second, 2)},
      {huge, write(P0, first, 1), fork(P0, P1), write(P0, first, 2), exit(P0), write(P1, first, 2),
       write(P1, second, 2)}};
  for (const std::vector<Step>& steps : by_hand) {
    const Setup setup{{}, steps.front().hugetlb ? 512 : kEnoughFrames};
    impl::Machine good(setup, *find_rules("6.15"));
    MutatedMachine bad(setup, *find_rules("6.15"));
    for (const Step& s : steps)
      if (good.run(s) != bad.run(s)) return true;
  }
  return false;
}

// Most take a handful; what wants a merge of areas, or clear-refs before a forced write, thousands.
constexpr std::uint32_t kSeeds = 20000;

class Mutants : public testing::TestWithParam<impl::MutantInfo> {};
INSTANTIATE_TEST_SUITE_P(Each, Mutants, testing::ValuesIn(impl::kMutants),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(Mutants, IsNoticed) {
  MutatedBuild::active = GetParam().mutant;
  std::uint32_t seed = 0;
  const bool by_hand = noticed_by_hand();
  while (!by_hand && seed < kSeeds && noticed_after(seed) == 0) ++seed;
  MutatedBuild::active.reset();
  EXPECT_LT(seed, kSeeds) << GetParam().what;
}

TEST(MutatedBuildItself, IsTheShippedMachineWithoutAMutant) {
  for (std::uint32_t seed = 0; seed < 50; ++seed) EXPECT_EQ(noticed_after(seed), 0) << seed;
  EXPECT_FALSE(noticed_by_hand());
}

TEST(MutantList, NamesEachOnceInOrder) {
  for (std::size_t i = 0; i < impl::kMutants.size(); ++i)
    EXPECT_EQ(static_cast<std::size_t>(impl::kMutants[i].mutant), i) << impl::kMutants[i].name;
}

}  // namespace
}  // namespace cow::test

// mremap: pages that get another place and another name.
#include "failing.h"
#include "steps.h"

namespace cow::test {
namespace {

TEST(Remap, MovesEntriesAsTheyAre) {
  Checked m;
  m(map_anon(P0, a, 4));
  m(write(P0, {a, 1}, 7));
  m(read(P0, {a, 2}));
  const PteView written = m.pte(P0, {a, 1}), zero = m.pte(P0, {a, 2});
  const PageView page = m.page(P0, {a, 1});
  const Rss rss = m.machine.rss(P0);
  EXPECT_EQ(m.outcome(remap(P0, {a, 0, 3}, b)), Outcome::ok);
  EXPECT_EQ(m.pte(P0, {b, 1}), written);
  EXPECT_EQ(m.pte(P0, {b, 2}), zero);
  EXPECT_FALSE(m.pte(P0, {b, 3}).present);
  EXPECT_EQ(m.page(P0, {b, 1}), page);
  EXPECT_EQ(m.machine.rss(P0), rss);
  EXPECT_EQ(m.machine.pages_in(P0, b), 4u);
  EXPECT_EQ(m.pte(P0, {a, 1}).mapped, Mapped::gone);
  EXPECT_EQ(m.outcome(read(P0, {a, 1})), Outcome::segv);
  EXPECT_EQ(m.outcome(write(P0, {b, 1}, 8)), Outcome::hit);
}

TEST(Remap, NoCpuUsesTheOldPlace) {
  for (const std::uint32_t thread : {0u, 1u, impl::kFirstDevice}) {
    Checked m;
    m(map_anon(P0, a, 2));  // of which one stays: with the last one tables go, and that flushes
    Step touch = write(P0, {a}, 7);
    touch.thread = thread;
    m(touch);
    EXPECT_EQ(m.outcome(touch), Outcome::hit);
    m(remap(P0, {a, 0, 0}, b));
    EXPECT_EQ(m.outcome(touch), Outcome::segv) << thread;  // ORD-6
  }
}

TEST(Remap, IsRefused) {
  Checked m;
  m(map_anon(P0, a, 4));
  m(map_anon(P0, b, 2));
  EXPECT_EQ(m.outcome(remap(P1, {a, 0, 3}, c)), Outcome::nosuch);
  EXPECT_EQ(m.outcome(remap(P0, {c, 0, 0}, d)), Outcome::nosuch);
  EXPECT_EQ(m.outcome(remap(P0, {a, 0, 4}, c)), Outcome::nosuch);
  EXPECT_EQ(m.outcome(remap(P0, {a, 0, 3}, b)), Outcome::inval);
  EXPECT_EQ(m.outcome(remap(P0, {a, 0, 3}, a)), Outcome::inval);
  m(unmap(P0, {b, 0, 0}));
  EXPECT_EQ(m.outcome(remap(P0, {a, 0, 3}, b)), Outcome::inval);  // its second page is mapped
  m(unmap(P0, {a, 1, 1}));
  EXPECT_EQ(m.outcome(remap(P0, {a, 0, 3}, b)), Outcome::segv);  // asked first
  EXPECT_EQ(m.outcome(remap(P0, {a, 2, 3}, Region{impl::kMaxNames})), Outcome::oom);
  m(unmap(P0, {b, 1, 1}));
  EXPECT_EQ(m.outcome(remap(P0, {a, 2, 3}, b)), Outcome::ok);
}

TEST(Remap, AreasGoWithTheirFlags) {
  Checked m("6.15");
  m(map_anon(P0, a, 8));
  m(write(P0, {a, 0}, 1));
  m(advise(P0, {a, 2, 2}, Advice::dontfork));
  m(advise(P0, {a, 3, 3}, Advice::wipeonfork));
  m(protect(P0, {a, 4, 5}, Prot::ro));
  m(lock(P0, {a, 5, 5}));
  m(fork(P0, P1));
  for (const Pid p : {P0, P1}) {
    const impl::Areas before = *m.machine.areas(p, a);
    m(remap(p, {a, 3, 5}, b));
    impl::Areas moved = *m.machine.areas(p, b);
    for (impl::Area& area : moved) {
      area.first += 3;
      area.end += 3;
      EXPECT_NE(std::find(before.begin(), before.end(), area), before.end()) << area.first;
    }
    EXPECT_EQ(m.machine.areas(p, a)->back().first, 6u);
  }
}

TEST(Remap, AMovedEntryIsSoftDirty) {
  for (const bool moves : {false, true}) {
    Checked m("6.15");
    m(map_anon(P0, a, 1));
    m(write(P0, {a}, 1));
    m(clear_refs(P0));
    if (moves) m(remap(P0, {a, 0, 0}, b));
    const Region r = moves ? b : a;
    for (const Prot prot : {Prot::ro, Prot::rw}) m(protect(P0, {r, 0, 0}, prot));
    EXPECT_EQ(m.pte(P0, {r}).writable, moves);
  }
}

TEST(Remap, AFilesOffsetMovesAlong) {
  Checked m("5.14", files(4, 9));
  m(map_file(P0, a, 4, Share::shared, 1));
  m(map_file(P0, b, 4, Share::private_, 0));
  m(write(P0, {a, 2}, 5));  // the file's page 3
  m(remap(P0, {b, 2, 3}, c));
  EXPECT_EQ(m(read(P0, {c, 1})), saw(Outcome::filled, 5));
  m(remap(P0, {a, 1, 3}, d));
  EXPECT_EQ(m(read(P0, {d, 1})), saw(Outcome::hit, 5));
  EXPECT_EQ(m.outcome(read(P0, {d, 2})), Outcome::sigbus);
  m(remap(P0, {d, 1, 1}, Region{4}));  // once more
  EXPECT_EQ(m(read(P0, {Region{4}})), saw(Outcome::hit, 5));
}

TEST(Remap, AnOffsetDoesNotWrap) {
  Checked m("5.14", files(4, 9));
  m(map_file(P0, a, 4, Share::shared, 0xffff'ffff));
  m(remap(P0, {a, 1, 3}, b));
  EXPECT_EQ(m.outcome(read(P0, {b})), Outcome::sigbus);
}

TEST(Remap, TwoRegionsShowOneObject) {
  Checked m;
  m(map_anon(P0, a, 4, Prot::rw, Share::shared));
  for (std::uint8_t page = 0; page < 4; ++page) m(write(P0, {a, page}, page));
  m(remap(P0, {a, 2, 3}, b));
  m(fork(P0, P1));
  m(unmap(P0, {a, 0, 3}));
  m(map_anon(P0, a, 1, Prot::rw, Share::shared));
  EXPECT_EQ(m(read(P0, {a})), saw(Outcome::filled, 0));
  EXPECT_EQ(m(read(P0, {b, 1})), saw(Outcome::hit, 3));
  m(write(P1, {b, 1}, 33));
  EXPECT_EQ(m(read(P0, {b, 1})), saw(Outcome::hit, 33));
  m(exit(P1));
  EXPECT_EQ(m.machine.allocated(Kind::shmem), 5u);  // those that only `a` showed are b's object's
  m(unmap(P0, {b, 0, 1}));
  EXPECT_EQ(m.machine.allocated(Kind::shmem), 1u);
}

TEST(Remap, ReferencesFollow) {
  Checked m("5.14");
  m(map_anon(P0, a, 2));
  m(pin(P0, k, {a}, Prot::rw));
  m(sys_ref(P0, {a}));
  m(remap(P0, {a, 0, 1}, b));
  m(through(Op::ref_write, k, 5));
  EXPECT_EQ(m(read(P0, {b})), saw(Outcome::hit, 5));
  m(fork(P0, P1));
  EXPECT_NE(m.frame(P0, {b}), m.frame(P1, {b}));  // PIN-1
  EXPECT_EQ(m.outcome(sys_unref(P0, {b})), Outcome::inval);
  EXPECT_EQ(m.outcome(sys_unref(P0, {a})), Outcome::ok);
}

TEST(Remap, OneOfTwoSharersMoves) {
  for (const Pid mover : {P0, P1}) {
    const Pid other = mover == P0 ? P1 : P0;
    Checked m;
    m(map_anon(P0, a, 2));
    m(write(P0, {a}, 1));
    m(fork(P0, P1));
    m(remap(mover, {a, 0, 1}, b));
    EXPECT_EQ(m.frame(mover, {b}), m.frame(other, {a}));
    EXPECT_EQ(m.outcome(write(mover, {b}, 2)), Outcome::copied);
    EXPECT_EQ(m(read(other, {a})), saw(Outcome::hit, 1));
    EXPECT_EQ(m.outcome(write(other, {a}, 3)), Outcome::reused);
  }
}

TEST(Remap, NamesAreMappedAnew) {
  Checked m;
  m(map_anon(P0, b, 2));
  m(unmap(P0, {b, 0, 1}));
  m(map_anon(P0, a, 5000));  // longer than b's place
  m(write(P0, {a, 4999}, 1));
  m(remap(P0, {a, 0, 4999}, b));
  EXPECT_EQ(m(read(P0, {b, 4999})), saw(Outcome::hit, 1));
  m(map_anon(P0, a, 3));
  EXPECT_EQ(m.outcome(read(P0, {a, 2})), Outcome::zero);
  EXPECT_EQ(m.outcome(read(P0, {a, 4999})), Outcome::nosuch);
  m(unmap(P0, {a, 0, 2}));
  m(remap(P0, {b, 4998, 4999}, a));  // and back, in part
  EXPECT_EQ(m(read(P0, {a, 1})), saw(Outcome::hit, 1));
  m(exit(P0));
  EXPECT_EQ(m.machine.tables_in_use(), 0u);
  EXPECT_EQ(m.sharing.tables_in_use(), 0u);
}

// Pages of `a` that lie in four tables, of which two pairs have different tables above.
constexpr std::uint32_t kFar[] = {0, 511, 512, 1500, 600'000};
template <class Machine> void far_apart(Machine& m) {
  m.run(map_anon(P0, a, 600'001));
  for (const std::uint32_t page : kFar) m.run(write(P0, {a, page}, 1 + page % 200));
}

TEST(Remap, EntriesOfOneTableGoToTwo) {
  for (const std::uint32_t first : {0u, 1u, 300u, 512u}) {
    Checked m;
    m(map_anon(P0, a, 600'001));
    for (const std::uint32_t page : kFar) m(write(P0, {a, page}, 1 + page % 200));
    m(fork(P0, P1));
    EXPECT_EQ(m.outcome(remap(P1, {a, first, 600'000}, b)), Outcome::ok);
    for (const std::uint32_t page : kFar) {
      const At at = page < first ? At{a, page} : At{b, page - first};
      EXPECT_EQ(m.frame(P1, at), m.frame(P0, {a, page})) << page;
    }
  }
}

template <class Machine> class RemapOn : public testing::Test {};
using Strategies = testing::Types<impl::Machine, impl::SharedTablesMachine>;
TYPED_TEST_SUITE(RemapOn, Strategies);

TYPED_TEST(RemapOn, TablesOfThePlaceLeftGo) {
  TypeParam m({}, *find_rules("6.15"));
  far_apart(m);
  const std::uint32_t tables = m.tables_in_use();
  m.run(remap(P0, {a, 0, 600'000}, b));
  EXPECT_EQ(m.tables_in_use(), tables);
  m.run(remap(P0, {b, 0, 511}, a));
  m.run(remap(P0, {b, 512, 600'000}, c));
  EXPECT_EQ(m.check_tables(), std::nullopt);
  m.run(exit(P0));
  EXPECT_EQ(m.tables_in_use(), 0u);
}

// Prepares `m`, and fails each table that the step needs: nothing that can be seen has changed.
template <class Machine, class Prepare>
std::uint32_t fail_each_table(Prepare prepare, const Step& step) {
  return fail_each_beside_twin<Machine>(
      Op::sys_fail_table, prepare, step, [](Machine& m, Machine& twin) {
        EXPECT_TRUE(m.table_failed_last_step());
        SameFacts<Machine, Machine> facts;
        EXPECT_EQ(facts.differ(m, twin), std::nullopt);
        if constexpr (std::is_same_v<Machine, impl::Machine>) {
          EXPECT_LE(m.tables_in_use(), twin.tables_in_use() + 2);  // those made above it may stay
        }
      });
}

TYPED_TEST(RemapOn, NoTableNothingMoved) {
  const auto forked = [](auto& m) {
    far_apart(m);
    m.run(fork(P0, P1));
  };
  const auto alone = [](auto& m) { far_apart(m); };
  const auto holed = [](auto& m) {
    far_apart(m);
    m.run(fork(P0, P1));
    m.run(unmap(P1, {a, 0, 511}));
  };
  const auto childs = [](auto& m) {  // the new place is one that the parent unmapped in part
    m.run(map_anon(P0, b, 1000));
    m.run(write(P0, {b, 1}, 1));
    m.run(unmap(P0, {b, 0, 511}));
    m.run(advise(P0, {b, 512, 999}, Advice::dontfork));
    far_apart(m);
    m.run(fork(P0, P1));
  };
  const Step all = remap(P0, {a, 0, 600'000}, b);
  const std::uint32_t made = fail_each_table<TypeParam>(alone, all);
  EXPECT_GE(made, 4u);
  const bool copies = std::is_same_v<TypeParam, impl::Machine>;
  const std::uint32_t made_shared = fail_each_table<TypeParam>(forked, all);
  EXPECT_EQ(made_shared > made, !copies);
  for (const Step& step :
       {remap(P1, {a, 0, 600'000}, b), remap(P1, {a, 100, 700}, b), remap(P1, {a, 511, 511}, b)})
    EXPECT_GT(fail_each_table<TypeParam>(forked, step), 0u);
  EXPECT_GT(fail_each_table<TypeParam>(holed, remap(P1, {a, 512, 600'000}, b)), 0u);
  EXPECT_GT(fail_each_table<TypeParam>(childs, remap(P1, {a, 100, 700}, b)), 0u);
}

TYPED_TEST(RemapOn, NeedsNoFrame) {
  const auto alone = [](auto& m) { far_apart(m); };
  EXPECT_EQ(fail_each_beside_twin<TypeParam>(Op::sys_fail_alloc, alone,
                                             remap(P0, {a, 0, 600'000}, b), [](auto&, auto&) {}),
            0u);
}

}  // namespace
}  // namespace cow::test

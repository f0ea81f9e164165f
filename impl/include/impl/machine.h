// Linux copy-on-write, as the kernel builds it: page tables, counts, faults, fork, zap, GUP, huge
// pages. `cow::impl::Machine` takes the steps of cow/step.h and shows itself as cow/view.h asks.
//
// Units and ranges: a page is 4096 bytes, its cells stand at offsets 0, 1024, 2048, 3072. A region
// has 1 .. 16,777,216 pages; one process holds at most 128 TiB of regions. Names (Pid, Region, Ref)
// are dense indices below 2^20 (beyond is `oom`): memory is taken for each up to the highest used.
// At most 2^24 frames (64 GiB) and 2^21 page tables: beyond is `oom`.
//
// Errors: every step has an outcome; a refused one changes nothing but what CONTRACT allows (a made
// anon_vma, empty page tables, write-protection by a failed fork, and before memory ran out: what
// lock has locked and populated, a page that was swapped in, what unmergeable broke). Exhausted
// host memory is `oom`. Constructor and reset throw std::bad_alloc where not even the zero page, a
// root table and the files' declarations are to be had.
//
// Fork copies the entries of all tables, or shares the tables and pays later what that owes
// (impl/detail/share.h): `SharedTablesMachine` shows the same facts as `Machine` after every step.
//
// Thread safety: run may be called by any number of threads at once, one for each Step::thread,
// which names its CPU (modulo 64; from 56 on a device's or a guest's secondary MMU, impl/cpu.h).
// All else, and looking too, wants to be alone. The build's Sync says at what cost: `Machine` is
// for threads, `OneThreadMachine` for one thread at a time. Lock order: impl/lock_order.h.
//
// Cost: reset is cheaper than construction; untouched regions of any size cost no step anything.
// Sources: Linux 5.14 mm/, kernel/fork.c; 5.18, 5.19, 6.15 mm/memory.c, with the kernel's names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cow/outcome.h"
#include "cow/rules.h"
#include "cow/step.h"
#include "cow/view.h"
#include "impl/build.h"
#include "impl/cpu.h"
#include "impl/frames.h"
#include "impl/large_folios.h"
#include "impl/migration.h"
#include "impl/mm.h"
#include "impl/step_state.h"
#include "impl/swap_device.h"

namespace cow::impl {

template <class Build> class BasicMachine {
 public:
  BasicMachine(const Setup& setup, const Rules& rules) { reset(setup, rules); }
  BasicMachine(BasicMachine&&) noexcept = default;
  BasicMachine& operator=(BasicMachine&&) noexcept = default;

  // As newly constructed: process 0 alive, nothing mapped. Keeps the memory.
  void reset(const Setup& setup, const Rules& rules);

  Result run(const Step& step);

  // So that the next steps of this thread take no lock that CPUs share but for what they do.
  void prepare(unsigned thread) { frames_.prepare(cpu_of(thread)); }

  bool alive(Pid p) const { return mm_of(p) != nullptr; }
  PteView pte(Slot at) const;
  std::uint32_t pages_in(Pid p, Region r) const;
  PageView page(Frame frame) const;
  Rss rss(Pid p) const;
  std::uint32_t allocated(Kind kind) const;  // data pages; the zero page is none
  Frame frame_of(Ref ref) const;

  // f(page, PteView) for each present entry of a region, in order; walks existing tables only.
  template <class F> void for_each_present(Pid p, Region r, F f) const;

  // Whether the last step met a page-table page that could not be had (CONTRACT: sys fail table).
  bool table_failed_last_step() const { return tables_.failed(); }
  std::uint32_t tables_in_use() const { return tables_.live(); }

  // The areas of a region, as they have split and merged.
  const Areas* areas(Pid p, Region r) const;

  // Recomputes what is cached (mapcount, refcount, pins, rss, allocated pages, tables) and tests
  // what must hold of every entry; says what does not. CNT-1 CNT-2 CNT-3 ZERO-2
  std::optional<std::string> check_counts() const;
  // The same for what the upper page tables say of themselves, which check_counts believes.
  std::optional<std::string> check_tables() const;

 private:
  using M = Mutant;
  using Sync = typename Build::Sync;
  using Mm = impl::Mm<Sync, !Build::kSharesTables>;
  using PageTableLock = Held<Sync, LockRank::page_table>;
  using SwapLock = Held<Sync, LockRank::swap>;
  using CpuLock = Held<Sync, LockRank::cpu>;
  using MmapReadLock = HeldForRead<Sync, LockRank::mmap>;
  using MmapWriteLock = HeldForWrite<Sync, LockRank::mmap>;
  using Gup = NamedReference<Sync>;
  using Target = impl::Target<Mm>;
  using Fault = impl::Fault<Mm>;
  class NotifierRange;
  struct Census;     // what check_counts recomputes
  struct EarlyLook;  // of wrong variants

  // Steps: detail/steps.h
  Result dispatch(const Step& s);
  Outcome find_range(const Step& s, Target& t);
  Outcome change_range(const Step& s, auto f);
  Outcome find_page(const Step& s, Target& t);
  Outcome do_mmap(const Step& s);
  MappedRegion* place_region(Mm& mm, Region name, std::uint32_t pages);
  bool forget_tables(Mm& mm, const MappedRegion& region, unsigned cpu);
  void fill_region(MappedRegion& region, const Step& s);
  Outcome do_munmap(const Step& s);
  Outcome unmap_range(const Step& s, Target& t);
  Outcome do_exit(const Step& s);
  Vpn get_unmapped_area(Mm& mm, Vpn span);

  // The processor: detail/access.h
  Result access(const Step& s, bool write);
  Target target_of(const Step& s) const;
  bool find_vpn(const Step& s, const Target& t, unsigned cpu, Vpn& vpn);
  bool device_access(const Step& s, const Target& t, unsigned cpu, bool write, std::uint8_t& byte);
  bool cpu_access(const Step& s, const Target& t, unsigned cpu, bool write, std::uint8_t& byte);
  Pte walk(Mm& mm, Vpn vpn, bool write);
  Pte use_entry(Pte& at, bool write);
  void touch_byte(Pte entry, const Step& s, bool write, std::uint8_t& byte);
  Outcome user_fault(const Step& s, const Target& at, unsigned cpu, bool write, std::uint8_t& byte,
                     bool& done);
  void note_cpu(Mm& mm, unsigned cpu);
  void flush(Mm& mm, Vpn first, Vpn end);

  // Faults: detail/fault.h, detail/wp.h
  Pte* pte_alloc(Mm& mm, Vpn vpn, bool none = false);
  Outcome handle_mm_fault(Fault& f);
  Outcome do_anonymous_page(Fault& f);
  Outcome do_fault(Fault& f);
  Outcome do_read_fault(Fault& f);
  Outcome do_cow_fault(Fault& f);
  Outcome do_shared_fault(Fault& f);
  Outcome map_cache_page(Fault& f, FrameNo page, Pte entry, Outcome outcome);
  Outcome map_anon_page(Fault& f, FrameNo page, Pte entry, Outcome outcome);
  Outcome cache_page(const Fault& f, FrameNo& out);
  Outcome do_wp_page(Fault& f);
  std::optional<Outcome> keep_or_hold(Fault& f);
  void flush_if_pending(const Fault& f, Vpn first, Vpn end);
  bool keeps_page(Fault& f, Outcome& outcome);
  Outcome wp_page_reuse(Fault& f);
  Outcome wp_page_shared(Fault& f);
  Outcome wp_page_copy(Fault& f);
  void switch_page(Fault& f, FrameNo page);
  Pte copied_entry(Fault& f, FrameNo page);
  bool may_reuse(const Fault& f, FrameNo page);
  void own_alone(FrameNo page, unsigned cpu);
  void anon_vma_prepare(Area& area);
  void map_new_anon(FrameNo page);
  FrameNo alloc_zeroed_page(unsigned cpu);
  void copy_page(FrameNo to, FrameNo from);

  // Huge pages: detail/huge.h
  Pte huge_marks(const Pte* at) const;
  bool huge_allowed(const Fault& f) const;
  bool huge_fault(Fault& f, Outcome& outcome);
  bool huge_none(Pte* at) const;
  bool do_huge_anonymous_page(Fault& f, Outcome& outcome);
  void map_folio(const Fault& f, FolioNo folio);
  bool do_huge_wp_page(Fault& f, Outcome& outcome);
  bool may_reuse_huge(FrameNo page) const;
  Outcome reuse_huge(Fault& f);
  bool copy_huge(Fault& f, Pte seen, Outcome& outcome);
  void switch_huge(Fault& f, FolioNo folio, Vpn base);
  void split_pmd(Pte* at);
  void split_partial(Pte* entries, unsigned n);
  void unmap_pmd(Pte* entries, unsigned n);
  void split_edges(Mm& mm, const MappedRegion& region, std::uint32_t first, std::uint32_t end);
  void forget_empty_tables(Mm& mm, const MappedRegion& region, std::uint32_t first,
                           std::uint32_t end);
  void split_early(const Area& area, Pte* src, unsigned n, const auto& needs_early_copy);
  void copy_huge_pmd(Mm& child, const Area& area, Pte* src, Pte* dst, unsigned cpu);
  void split_everywhere(Pte first);

  // Large folios: detail/folio.h
  struct Mapping;
  PageCounts page_counts(FrameNo page) const;
  bool may_reuse_large(const Fault& f, FrameNo page, const RuleBits<bool>& rules);
  std::uint64_t own_mappings(const Fault& f, FolioNo folio, std::uint64_t enough) const;
  FolioNo alloc_folio(unsigned cpu, bool zeroed);
  void free_folio(FolioNo folio, unsigned cpu);
  void put_page(FrameNo page, std::uint32_t references, unsigned cpu);
  void free_unused_folios(const FrameNo* pages, unsigned n, unsigned cpu);
  bool folio_only_mapped(FrameNo page) const;
  void split_folio(FrameNo page, const std::vector<Mapping>& all, unsigned cpu);
  Outcome split_for_ksm(const Slot& one, const Slot& other, unsigned cpu);
  Outcome migrate_folio(FrameNo page, unsigned cpu);
  void move_folio(FolioNo from, FolioNo to);

  // Swap entries: detail/swap.h
  Outcome do_swap_page(Fault& f);
  bool bring_in(Fault& f);
  FrameNo swap_in_page(SwapNo slot, unsigned cpu);
  Pte swapped_in_entry(const Fault& f, FrameNo page, bool kept);
  Pte copy_swap_pte(Pte& src);
  void drop_swap_entry(SwapNo slot, unsigned cpu);
  void try_to_free_swap(FrameNo page, unsigned cpu);
  void free_swap_cache(FrameNo page, unsigned cpu);
  std::uint64_t swapcount(FrameNo page);

  // Behind the processes' backs: detail/reclaim.h, detail/migrate.h
  class EveryMm;
  struct GivenUp;  // MADV_FREE: detail/lazyfree.h
  struct Collapse;
  struct Hugetlb;  // detail/hugetlb.h
  Pte* present_entry(const Slot& at, Outcome& why);
  bool find_mappings(FrameNo page, std::vector<Mapping>& out);
  bool find_mappings_if(auto is_page, std::vector<Mapping>& out);
  Pte clear_flush(const Mapping& at, auto change);
  Outcome sys_swapout(const Step& s);
  Outcome swap_out(const Slot& at, unsigned cpu, bool alone);
  bool add_to_swap(FrameNo page, unsigned cpu, SwapNo& slot);
  void try_to_unmap_one(const Mapping& at, FrameNo page, SwapNo slot, unsigned cpu);
  void remove_from_swap_cache(FrameNo page, SwapNo slot, unsigned cpu);
  Outcome page_out(const Step& s);
  Outcome sys_migrate(const Step& s);
  Pte migrated_entry(Pte was, FrameNo to);
  void remove_migration_ptes(std::optional<EveryMm>& all);
  void move_page_state(const Mapping& at, FrameNo page, FrameNo to, unsigned cpu);
  Outcome sys_ksm(const Step& s);
  bool ksm_may_take(const Mapping& at, FrameNo page) const;
  Mapping mapping_of(const Slot& at);
  Outcome merge(const Slot& stays, const Slot& goes, unsigned cpu);
  Outcome unmerge(Target t, std::uint32_t first, std::uint32_t end, unsigned cpu);

  // userfaultfd: detail/uffd.h
  Outcome do_uffd_wp(const Step& s);
  std::optional<Outcome> mwriteprotect_range(const Step& s);
  void change_uffd_wp(const Step& s, const Target& t);
  Pte lifted(Pte entry, VmFlags area) const;

  // Fork: detail/fork.h
  Outcome do_fork(const Step& s);
  Outcome fork_locked(const Step& s, Mm& parent);
  Mm* claim_child(Pid child, Outcome& refused);
  bool dup_regions(const Mm& parent, Mm& child);
  bool dup_mmap(Mm& parent, Mm& child, unsigned cpu);
  static bool fork_copies(const Area& area);
  bool fork_asks_pins(const Mm& parent) const;
  bool copy_page_range(Mm& parent, Mm& child, const MappedRegion& region, const Area& area,
                       unsigned cpu);
  bool copy_pte_range(Mm& child, const Area& area, Pte* src, Pte* dst, unsigned n, unsigned cpu,
                      bool asks_pins, auto needs_early_copy);
  unsigned copy_run(const Area& area, Pte* src, Pte* dst, unsigned n);
  bool copy_entry(Mm& child, const Area& area, Pte& src, Pte& dst, const auto& needs_early_copy,
                  Counters& shared, unsigned cpu);
  bool copy_present_page(Mm& child, const Area& area, Pte entry, Pte& dst, unsigned cpu);
  Pte copy_present_pte(const Area& area, Pte& src, Counters& rss);

  // Zap: detail/zap.h
  void zap_page_range(Mm& mm, Pte root, const MappedRegion& region, std::uint32_t first,
                      std::uint32_t end, unsigned cpu);
  void zap_pte_range(Mm& mm, Pte* entries, Vpn vpn, unsigned n, unsigned cpu);
  void unmap_region(Mm& mm, Pte root, MappedRegion& region, std::uint32_t first, std::uint32_t end,
                    unsigned cpu);
  void exit_mmap(Mm& mm, unsigned cpu);
  void drop_object(ObjectNo object, std::uint64_t pages, unsigned cpu);
  void drop_mapping(FrameNo page, unsigned cpu);
  Counters drop_mappings(const FrameNo* pages, unsigned n, unsigned cpu);
  void orphan_references(FrameNo page);

  // Shared tables: detail/share.h
  typename Sync::Lock& lock_above(Mm& mm, const Pte& upper);
  void pay_table(TableNo table, unsigned level, Pte owed);
  void copy_last_table(TableNo table, TableNo own, Pte owed);
  void copy_upper_table(TableNo table, TableNo own, Pte owed);
  bool own_table(Mm& mm, Pte& upper, unsigned level, Vpn vpn);
  Pte* own_entry(Mm& mm, Vpn vpn, bool none);
  bool own_tables(Mm& mm, Pte& upper, unsigned level, Vpn base, const Reach& range);
  bool own_tables(Mm& mm, const Reach& range);
  bool own_edges(Mm& mm, Reach range);
  void leave_table(TableNo table, unsigned level, Pte owed, unsigned cpu);
  void drop_entries(Pte* entries, Pte owed, unsigned cpu);
  void zap_tables(Mm& mm, TableNo table, unsigned level, Vpn base, const Reach& range,
                  unsigned cpu);
  void unmap_tables(Mm& mm, Pte root, const MappedRegion& region, std::uint32_t first,
                    std::uint32_t end, unsigned cpu);
  Pte detach_table(TableNo above, Pte& upper, bool any);
  void free_pgtables(Mm& mm, Pte root, const Reach& place, unsigned cpu);  // detail/zap.h

  // Fork that shares: detail/share_fork.h
  struct SharingFork;
  bool share_tables(Mm& parent, Mm& child, unsigned cpu);
  void sort_areas(SharingFork& f);
  void sort_large(SharingFork& f, Vpn first, Vpn end) const;
  bool share_below(SharingFork& f, Pte& from, TableNo above, Pte& to, unsigned level, Vpn base);
  bool may_share(SharingFork& f, Pte upper, unsigned level, Vpn base);
  void share_table(Pte& from, TableNo above, Pte& to);
  bool copy_last_level(SharingFork& f, Pte from, Pte to, Vpn base);
  bool needs_early_copy(SharingFork& f, FrameNo page);

  // Attributes: detail/protect.h
  Outcome do_mprotect(const Step& s);
  Outcome do_madvise(const Step& s);
  Outcome advise_areas(const Step& s, Target& t);
  Outcome dontneed(const Step& s, Target& t);
  Outcome clear_refs(const Step& s);
  Outcome change_area_flags(const Step& s, Target& t, VmFlags clear, VmFlags set);
  void change_protection(Mm& mm, const MappedRegion& region, std::uint32_t first, std::uint32_t end,
                         VmFlags flags);
  Pte change_pte(Pte entry, VmFlags flags) const;

  // Another place: detail/remap.h
  struct Move;
  Outcome do_mremap(const Step& s);
  Outcome remap_range(const Step& s, Target& t);
  bool prepare_move(Mm& mm, const Move& move, unsigned cpu);
  bool for_each_moved_run(const Mm& mm, const Move& move, auto f) const;
  void move_page_tables(Mm& mm, const Move& move, unsigned cpu);
  void move_ptes(Mm& mm, Pte* from, Pte* to, Vpn vpn, unsigned n, unsigned cpu);
  Pte moved(Pte entry, unsigned cpu);
  void move_vma(const Move& move);

  // Locked memory: detail/lock.h
  Outcome do_mlock(const Step& s);
  Outcome do_munlock(const Step& s);
  Outcome apply_vma_lock_flags(const Step& s, VmFlags clear, VmFlags set);
  Outcome populate_range(Target t, std::uint32_t first, std::uint32_t end, unsigned cpu);

  // References: detail/gup.h
  Outcome pin(const Step& s);
  Outcome may_pin(const Step& s);
  Outcome unpin(const Step& s);
  Result ref_access(const Step& s, bool write);
  Result force_access(const Step& s, bool write);
  Outcome get_user_page(const Target& t, std::uint32_t page, GupFlags gup, unsigned cpu,
                        FrameNo& out);
  bool follow_page_pte(const Fault& f, GupFlags gup, Outcome& outcome, bool& unshare, FrameNo& out);
  bool gup_fast(const Step& s, GupFlags gup, FrameNo& out);
  Outcome sys_ref(const Step& s);
  Outcome sys_unref(const Step& s);
  Gup* make_ref(Ref ref);
  std::uint32_t references_of(GupFlags gup) const;
  bool grow_names(auto& list, std::size_t n);
  static unsigned cpu_of(unsigned thread) { return thread % kCpus<Sync>; }
  // Whoever wants more of it than to be alive holds its mmap_lock and asks again.
  Mm* mm_slot(Pid p) const { return processes_.find(index(p)); }
  Mm* mm_of(Pid p) const {
    Mm* mm = mm_slot(p);
    return mm != nullptr && Sync::load(mm->alive) == kAlive ? mm : nullptr;
  }
  MappedRegion* region_of(Pid p, Region r) const {
    const Mm* mm = mm_of(p);
    MappedRegion* region = mm == nullptr ? nullptr : mm->regions.find(index(r));
    return region == nullptr || Sync::load(region->pages) == 0 ? nullptr : region;
  }
  PteView view_of(const MappedRegion& region, Pte entry) const;
  Pte shown(const Pte* at, Pte owed) const;
  std::uint32_t exact_swapcount(SwapNo slot) const;
  PageCounts exact_counts(FrameNo page) const;
  PageFlags exact_flags(FrameNo page) const;
  Counters exact_rss(const Mm& mm) const;
  void take_census(TableCensus<Sync>& census) const;
  const TableCensus<Sync>& census() const;

  // Checks: detail/check.h
  void count_process(const Mm& mm, Census& census) const;
  void count_entry(const MappedRegion& region, const Area* area, Pte entry, Census& census) const;
  void count_group(const Pte* entries, unsigned n, Census& census) const;
  void count_references(Census& census) const;
  void compare_counts(Census& census) const;
  void compare_folios(Census& census) const;
  void count_swap_entry(const Area* area, Pte entry, Census& census) const;
  void check_swap(Census& census) const;
  void check_sharing(Census& census) const;

  RuleBits<bool> rules_{};
  Frames<Sync> frames_;
  LargeFolios<Sync> folios_;
  std::uint8_t huge_ = 0, hugetlb_ = 0;  // has any area been VM_HUGEPAGE or that; that?
  PageTables<Sync> tables_;
  PageCache<Sync> cache_;
  SwapDevice<Sync> swap_;
  Migration<Sync> migration_;
  Cpus<Sync> cpus_;
  typename Sync::Lock names_;  // of what grows with new names
  Stable<Sync, Mm> processes_;
  Stable<Sync, Gup> refs_;
  std::vector<Stray> strays_;
  mutable TableCensus<Sync> census_;  // where tables are shared, since the last step
};

using Machine = BasicMachine<Shipped>;
using OneThreadMachine = BasicMachine<ShippedForOneThread>;
using SharedTablesMachine = BasicMachine<SharedTables>;
using SharedTablesOneThreadMachine = BasicMachine<SharedTablesForOneThread>;

}  // namespace cow::impl

#include "impl/detail/view.h"

namespace cow::impl {
extern template class BasicMachine<Shipped>;
extern template class BasicMachine<ShippedForOneThread>;
extern template class BasicMachine<SharedTables>;
extern template class BasicMachine<SharedTablesForOneThread>;
}  // namespace cow::impl

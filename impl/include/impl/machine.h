// Linux copy-on-write at order 0, as the kernel builds it: page tables, counts, faults, fork, zap,
// GUP. `cow::impl::Machine` takes the steps of cow/step.h and shows itself as cow/view.h asks.
//
// Units and ranges: a page is 4096 bytes, its cells stand at offsets 0, 1024, 2048, 3072. A region
// has 1 .. 16,777,216 pages; one process holds at most 128 TiB of regions. Names (Pid, Region, Ref)
// are dense indices below 2^20 (beyond is `oom`): memory is taken for each up to the highest used.
//
// Errors: every step has an outcome; a refused one changes nothing but what CONTRACT allows (a made
// anon_vma, empty page tables, write-protection by a failed fork). Exhausted host memory is `oom`.
// Constructor and reset throw std::bad_alloc where not even the zero page, a root table and the
// files' declarations are to be had.
//
// Thread safety: one thread at a time for each machine. Looking changes nothing.
//
// Cost: reset is cheaper than construction; tables that do not exist are never visited, so
// untouched regions of any size cost nothing in fork, unmap, protect and exit.
//
// Sources: Linux 5.14 mm/memory.c (fork copy, faults, zap), mm/gup.c, mm/mprotect.c, mm/mmap.c,
// mm/madvise.c, kernel/fork.c; later rules from 5.18, 5.19, 6.15 mm/memory.c. Each function has its
// kernel name; the decisions stand alone in impl/decisions.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cow/outcome.h"
#include "cow/rules.h"
#include "cow/step.h"
#include "cow/view.h"
#include "impl/frames.h"
#include "impl/mm.h"
#include "impl/mutant.h"

namespace cow::impl {

inline constexpr std::uint32_t kMaxNames = 1u << 20;  // of each sort

template <class Build> class BasicMachine {
 public:
  BasicMachine(const Setup& setup, const Rules& rules) { reset(setup, rules); }
  BasicMachine(BasicMachine&&) noexcept = default;
  BasicMachine& operator=(BasicMachine&&) noexcept = default;

  // As newly constructed: process 0 alive, nothing mapped. Keeps the memory.
  void reset(const Setup& setup, const Rules& rules);

  Result run(const Step& step);

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
  // The same for what the upper page tables say of themselves, which check_counts believes: a look
  // at all of their entries.
  std::optional<std::string> check_tables() const;

 private:
  using M = Mutant;

  struct Gup {  // a reference by name
    bool live = false;
    bool pin = false;
    bool writable = false;
    bool dangling = false;  // a mutant freed the page below it
    FrameNo frame = kZeroPage;
  };
  struct Stray {
    Slot at;
    FrameNo frame;
  };
  struct Target {
    Mm* mm = nullptr;
    MappedRegion* region = nullptr;
    Area* area = nullptr;
  };
  // One fault, as it goes down. Linux: struct vm_fault.
  struct Fault {
    Mm& mm;
    MappedRegion& region;
    Area& area;
    std::uint32_t page;
    bool write;
    bool unshare;
    Pte* pte;
    bool cow_done = false;  // VM_FAULT_WRITE
  };
  struct Census;  // what check_counts recomputes

  // Steps: detail/steps.h
  Result dispatch(const Step& s);
  Outcome find_range(const Step& s, Target& t);
  Outcome find_page(const Step& s, Target& t);
  Outcome do_mmap(const Step& s);
  Outcome do_munmap(const Step& s);
  Outcome do_exit(const Step& s);
  Result access(const Step& s, bool write);
  Vpn get_unmapped_area(Mm& mm, Vpn span);

  // Faults: detail/fault.h, detail/wp.h
  Outcome handle_mm_fault(Fault& f);
  Outcome do_anonymous_page(Fault& f);
  Outcome do_fault(Fault& f);
  Outcome do_read_fault(Fault& f);
  Outcome do_cow_fault(Fault& f);
  Outcome do_shared_fault(Fault& f);
  Outcome cache_page(const MappedRegion& region, std::uint32_t page, FrameNo& out);
  Outcome do_wp_page(Fault& f);
  Outcome wp_page_reuse(Fault& f);
  Outcome wp_page_shared(Fault& f);
  Outcome wp_page_copy(Fault& f);
  bool may_reuse(FrameNo page) const;
  void anon_vma_prepare(Area& area);
  void map_new_anon(FrameNo page);
  static void copy_page(std::uint8_t* to, const std::uint8_t* from);

  // Fork: detail/fork.h
  Outcome do_fork(const Step& s);
  bool dup_mmap(Mm& parent, Mm& child);
  bool copy_page_range(Mm& parent, Mm& child, const MappedRegion& region, const Area& area);
  bool copy_pte_range(Mm& parent, Mm& child, const Area& area, Pte* src, Pte* dst, unsigned n);
  bool copy_present_page(Mm& child, const Area& area, Pte entry, Pte& dst);
  Pte copy_present_pte(const Area& area, Pte& src, Counters& rss);

  // Zap: detail/zap.h
  void zap_page_range(Mm& mm, const MappedRegion& region, std::uint32_t first, std::uint32_t end);
  void zap_pte_range(Mm& mm, Pte* entries, unsigned n);
  void unmap_region(Mm& mm, MappedRegion& region, std::uint32_t first, std::uint32_t end);
  void exit_mmap(Mm& mm);
  void drop_object(ObjectNo object, std::uint64_t pages);
  void remove_rmap(FrameNo page);
  void put_page(FrameNo page, PageCounts references);
  void orphan_references(FrameNo page);

  // Attributes: detail/protect.h
  Outcome do_mprotect(const Step& s);
  Outcome do_madvise(const Step& s);
  Outcome clear_refs(const Step& s);
  Outcome change_area_flags(const Step& s, Target& t, VmFlags clear, VmFlags set);
  void change_protection(Mm& mm, const MappedRegion& region, std::uint32_t first, std::uint32_t end,
                         VmFlags flags);
  Pte change_pte(Pte entry, VmFlags flags) const;

  // References: detail/gup.h
  Outcome pin(const Step& s);
  Outcome unpin(const Step& s);
  Result ref_access(const Step& s, bool write);
  Result force_access(const Step& s, bool write);
  Outcome get_user_page(const Target& t, std::uint32_t page, GupFlags gup, FrameNo& out);
  Outcome sys_ref(const Step& s);
  Outcome sys_unref(const Step& s);
  Gup* find_ref(Ref ref);

  Mm* mm_of(Pid p) {
    return index(p) < processes_.size() && processes_[index(p)].alive ? &processes_[index(p)]
                                                                      : nullptr;
  }
  const Mm* mm_of(Pid p) const { return const_cast<BasicMachine*>(this)->mm_of(p); }
  MappedRegion* region_of(Pid p, Region r) {
    Mm* mm = mm_of(p);
    if (mm == nullptr || index(r) >= mm->regions.size()) return nullptr;
    MappedRegion& region = mm->regions[index(r)];
    return region.pages == 0 ? nullptr : &region;
  }
  const MappedRegion* region_of(Pid p, Region r) const {
    return const_cast<BasicMachine*>(this)->region_of(p, r);
  }
  PteView view_of(const MappedRegion& region, Pte entry) const;

  // Checks: detail/check.h
  void count_process(const Mm& mm, Census& census) const;
  void count_entry(const MappedRegion& region, const Area* area, Pte entry, Census& census) const;
  void count_references(Census& census) const;
  void compare_counts(Census& census) const;

  RuleBits<bool> rules_{};
  Frames frames_;
  PageTables tables_;
  PageCache cache_;
  std::vector<Mm> processes_;
  std::vector<Gup> refs_;
  std::vector<Stray> strays_;
};

using Machine = BasicMachine<Shipped>;

}  // namespace cow::impl

#include "impl/detail/view.h"

namespace cow::impl {
extern template class BasicMachine<Shipped>;
}  // namespace cow::impl

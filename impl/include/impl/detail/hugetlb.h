// Hugetlb memory: huge pages that are set aside when they are mapped, for the process that maps
// them. Linux: mm/hugetlb.c.
//
// Its entries are those of huge pages (impl/detail/huge.h), its folios large folios; a table of it
// is none or huge, never split. What is set aside counts as used to all others.
//
// Thread safety: an owner that lacks a page takes it from all others that map it. So as soon as
// there is hugetlb memory, a fault has all address spaces alone, and not its own beside other
// faults.
#pragma once

#include <algorithm>
#include <type_traits>
#include <vector>

#include "impl/detail/access.h"
#include "impl/detail/entry.h"
#include "impl/detail/folio.h"
#include "impl/detail/huge.h"
#include "impl/detail/reclaim.h"
#include "impl/detail/zap.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> struct BasicMachine<Build>::Hugetlb {
  BasicMachine& machine;

  // What a fault holds.
  class Lock {
   public:
    Lock(BasicMachine& machine, Mm& mm, unsigned cpu)
        : own_(&mm), cpu_(cpu), all_(machine.processes_) {
      if (Sync::load(machine.hugetlb_) == 0) {
        if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::take(LockRank::mmap);
        own_->mmap_lock.lock_shared(cpu_);
        if (Sync::load(machine.hugetlb_) == 0) return;
        give_own();  // it has some since
      }
      own_ = nullptr;
      all_.take(machine);
    }
    ~Lock() {
      if (own_ != nullptr) give_own();
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    void give_own() {
      own_->mmap_lock.unlock_shared(cpu_);
      if constexpr (std::is_same_v<Sync, Threads>) HeldRanks::give(LockRank::mmap);
    }
    Mm* own_;
    unsigned cpu_;
    EveryMm all_;
  };

  // ---- What is refused ----

  // Would a change of [first, end) leave a part of a huge page as it is? HUGE-8
  static bool cuts(const MappedRegion& region, std::uint32_t first, std::uint32_t end) {
    const bool before = first % kFolioPages != 0 && find_area(region.areas, first) != nullptr;
    const bool after = end % kFolioPages != 0 && find_area(region.areas, end - 1) != nullptr;
    return region.hugetlb() && (before || after);
  }
  // The same where areas change: one whose flags stay is not cut. Linux: split_vma, by may_split.
  static bool cuts(const MappedRegion& region, const Step& s, VmFlags clear, VmFlags set) {
    for (const Area& a : region.areas)
      if (a.first <= s.last && s.first < a.end && ((a.flags & ~clear) | set) != a.flags &&
          cuts(region, std::max(a.first, s.first), std::min(a.end, s.last + 1)))
        return true;
    return false;
  }
  bool refuses_to_move(const MappedRegion& region, const Step& s) const {
    const bool stays = region.hugetlb() && !machine.rules_.discards_hugetlb;
    return stays || cuts(region, s.first, s.last + 1);
  }

  // ---- What is set aside ----

  // REQUIRES: the region's pages were set aside.
  static void reserve(MappedRegion& region, bool reserved) {
    region.owner = reserved;
    region.lost = false;
    std::fill(region.reserved.begin(), region.reserved.end(), reserved);
  }
  // Linux: hugetlb_vm_op_close.
  void unreserve(MappedRegion& region, std::uint32_t first, std::uint32_t end) {
    for (std::size_t n = first / kFolioPages; n < region.reserved.size() && n * kFolioPages < end;
         ++n) {
      if (region.reserved[n]) machine.frames_.unset_aside(kFolioPages);
      region.reserved[n] = false;
    }
  }
  // REQUIRES: room there for as many.
  static void move(MappedRegion& from, MappedRegion& to, std::uint32_t first) {
    to.owner = from.owner;
    to.lost = from.lost;
    for (std::size_t n = 0; n < to.reserved.size(); ++n) {
      to.reserved[n] = from.reserved[n + first / kFolioPages];
      from.reserved[n + first / kFolioPages] = false;
    }
  }

  // ---- Faults. REQUIRES: Lock ----

  Outcome fault(Fault& f) {
    f.orig = Sync::load(*f.pte);
    if (f.orig == 0) return no_page(f);
    const bool writes = f.write && !pte_write(f.orig);
    return writes || f.unshare ? wp(f) : Outcome::hit;
  }

  // ---- Fork ----

  // Linux: copy_hugetlb_page_range. False: no page for a copy that a pin asks for. HUGE-10
  bool copy(Mm& child, const Area& area, Pte* src, Pte* dst, const auto& needs_early_copy,
            unsigned cpu) {
    const FrameNo page = pte_frame(Sync::load(*src));
    if (!needs_early_copy(area, page)) {
      machine.copy_huge_pmd(child, area, src, dst, cpu);
      return true;
    }
    const FolioNo folio = machine.alloc_folio(cpu, false);
    if (folio == kNoFolio) return false;
    copy_pages(folio, page);
    map(child, area, dst, folio, true, cpu);
    return true;
  }

 private:
  // A read maps a page of zeros too. HUGE-3 HUGE-10
  Outcome no_page(Fault& f) {
    if (f.region.lost && !Build::mutated(M::hugetlb_loss_forgotten)) return Outcome::sigbus;
    const FolioNo folio = alloc(f);
    if (folio == kNoFolio) return Outcome::sigbus;
    machine.anon_vma_prepare(f.area);
    const PageTableLock held(machine.tables_.lock_of(f.pte));
    map(f.mm, f.area, group_of(f.pte), folio, f.write, f.cpu);
    f.cow_done = f.write;
    return Outcome::fresh;
  }
  // The page that is set aside for the place, or one that is for nobody. Linux: alloc_huge_page.
  FolioNo alloc(Fault& f) {
    const std::size_t n = f.page / kFolioPages;
    const bool reserved = n < f.region.reserved.size() && f.region.reserved[n];
    if (reserved) machine.frames_.unset_aside(kFolioPages);
    const FolioNo folio = machine.alloc_folio(f.cpu, true);
    if (reserved)
      f.region.reserved[n] = folio == kNoFolio && machine.frames_.set_aside(kFolioPages);
    return folio;
  }
  // REQUIRES: the table's lock, or that nobody else knows the table.
  void map(Mm& mm, const Area& area, Pte* group, FolioNo folio, bool written, unsigned cpu) {
    const FolioPages& pages = machine.folios_.pages(folio);
    for (const FrameNo page : pages) machine.map_new_anon(page);
    machine.folios_.begin(folio, 1, machine.frames_);
    mm.count(Kind::anon, cpu, kFolioPages);
    for (unsigned i = 0; i < kTableEntries; ++i) {
      const Pte e = mk_pte(pages[i], area.flags) | kHuge;
      Sync::store(group[i], written ? maybe_mkwrite(pte_mkdirty(e), area.flags) : e);
    }
  }
  void copy_pages(FolioNo to, FrameNo page) {
    const FolioPages& from = machine.folios_.pages(machine.folios_.of(page));
    for (unsigned i = 0; i < kFolioPages; ++i)
      machine.copy_page(machine.folios_.pages(to)[i], from[i]);
  }

  // Whoever else refers to the page is not asked. Linux: hugetlb_wp. HUGE-9
  Outcome wp(Fault& f) {
    const FrameNo page = pte_frame(f.orig);
    if (machine.frames_.mapped(page) == 1 || Build::mutated(M::hugetlb_reuse_unasked))
      return reuse(f);
    const FolioNo folio = machine.alloc_folio(f.cpu, false);
    if (folio != kNoFolio) {
      copy_pages(folio, page);
      switch_to(f, folio);
      return Outcome::copied;
    }
    if (!f.region.owner || Build::mutated(M::hugetlb_owner_fails)) return Outcome::sigbus;
    return take_from_others(f, page) ? reuse(f) : Outcome::oom;
  }
  Outcome reuse(Fault& f) {
    const PageTableLock held(machine.tables_.lock_of(f.pte));
    return machine.reuse_huge(f);
  }
  void switch_to(Fault& f, FolioNo folio) {
    zap(f.mm, f.pte, f.vpn(), f.cpu);
    const PageTableLock held(machine.tables_.lock_of(f.pte));
    map(f.mm, f.area, group_of(f.pte), folio, f.write, f.cpu);
    f.cow_done = f.write;
  }
  void zap(Mm& mm, Pte* at, Vpn vpn, unsigned cpu) {
    const Vpn base = vpn / kFolioPages * kFolioPages;
    const NotifierRange range(machine, mm, base, base + kFolioPages);
    machine.zap_pte_range(mm, group_of(at), base, kTableEntries, cpu);
  }
  // They are told when they come for it. False: no memory to find them. Linux: unmap_ref_private.
  // HUGE-3
  bool take_from_others(const Fault& f, FrameNo page) {
    std::vector<Mapping> mappings;
    if (!machine.find_mappings(page, mappings)) return false;
    for (const Mapping& at : mappings) {
      if (at.pte == f.pte) continue;
      if (at.mm == &f.mm && at.vpn == f.vpn() / kFolioPages * kFolioPages) continue;
      at.region->lost = true;
      zap(*at.mm, at.pte, at.vpn, f.cpu);
    }
    return true;
  }
};

}  // namespace cow::impl

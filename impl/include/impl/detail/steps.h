// The steps: who is meant, what is refused first, and what is called then.
#pragma once

#include <algorithm>
#include <new>
#include <utility>

#include "impl/detail/entry.h"
#include "impl/detail/hugetlb.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> void BasicMachine<Build>::reset(const Setup& setup, const Rules& rules) {
  for (std::size_t p = 0; p < processes_.size(); ++p)
    if (processes_[p].alive == kAlive) exit_mmap(processes_[p], 0);  // every table is zero again
  for (std::size_t p = 0; p < processes_.size(); ++p) {
    processes_[p].cpus = 0;  // a CPU may have come to a process that was not alive
    processes_[p].write_protect_seq = 0;
  }
  for (std::size_t r = 0; r < refs_.size(); ++r) refs_[r].live = false;
  strays_.clear();
  census_.forget();
  rules_ = rule_bits(rules);
  folios_.reset();
  huge_ = hugetlb_ = 0;
  frames_.reset(setup.frames);
  tables_.reset();
  swap_.reset();
  cache_.reset();
  for (const FileSetup& file : setup.files) cache_.add(Kind::file, file.pages, file.value);
  cache_.files_are_added();
  if (!processes_.grow(1)) throw std::bad_alloc();
  Mm& first = processes_[0];
  first.root = tables_.make_root();
  if (first.root == 0) throw std::bad_alloc();
  first.next_base = kFirstRegion;
  first.alive = kAlive;
}

template <class Build> Result BasicMachine<Build>::run(const Step& step) {
  tables_.clear_failed();
  if constexpr (Build::kSharesTables) census_.forget();
  return dispatch(step);
}

template <class Build> Result BasicMachine<Build>::dispatch(const Step& s) {
  switch (s.op) {
    case Op::map: return {do_mmap(s)};
    case Op::unmap: return {do_munmap(s)};
    case Op::protect: return {do_mprotect(s)};
    case Op::advise: return {do_madvise(s)};
    case Op::remap: return {do_mremap(s)};
    case Op::lock: return {do_mlock(s)};
    case Op::unlock: return {do_munlock(s)};
    case Op::uffd_wp: return {do_uffd_wp(s)};
    case Op::fork: return {do_fork(s)};
    case Op::exit: return {do_exit(s)};
    case Op::read: return access(s, false);
    case Op::write: return access(s, true);
    case Op::force_read: return force_access(s, false);
    case Op::force_write: return force_access(s, true);
    case Op::pin: return {pin(s)};
    case Op::ref_read: return ref_access(s, false);
    case Op::ref_write: return ref_access(s, true);
    case Op::unpin: return {unpin(s)};
    case Op::sys_ref: return {sys_ref(s)};
    case Op::sys_unref: return {sys_unref(s)};
    case Op::sys_swapout: return {sys_swapout(s)};
    case Op::sys_migrate: return {sys_migrate(s)};
    case Op::sys_ksm: return {sys_ksm(s)};
    case Op::sys_clear_refs: return {clear_refs(s)};
    case Op::sys_fail_alloc: frames_.fail_at(s.count); return {Outcome::ok};
    case Op::sys_fail_table: tables_.fail_at(s.count); return {Outcome::ok};
  }
  return {Outcome::inval};
}

// A range of a region that has a name; its pages may be gone.
template <class Build> Outcome BasicMachine<Build>::find_range(const Step& s, Target& t) {
  t = target_of(s);
  if (t.region == nullptr || Sync::load(t.mm->alive) != kAlive || s.last >= t.region->pages ||
      s.first > s.last)
    return Outcome::nosuch;
  return Outcome::ok;
}

// f(t) for a range that has a name, with the mmap_lock for writing.
template <class Build> Outcome BasicMachine<Build>::change_range(const Step& s, auto f) {
  Mm* mm = mm_slot(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  const MmapWriteLock held(mm->mmap_lock);
  migration_.wait_if_any();
  Target t;
  const Outcome found = find_range(s, t);
  return found == Outcome::ok ? f(t) : found;
}

// One page: nosuch without a name, segv without a mapping. REQUIRES: the mmap_lock, and t as
// target_of gives it.
template <class Build> Outcome BasicMachine<Build>::find_page(const Step& s, Target& t) {
  if (t.region == nullptr || Sync::load(t.mm->alive) != kAlive || s.first >= t.region->pages)
    return Outcome::nosuch;
  t.area = find_area(t.region->areas, s.first);
  if (t.area != nullptr) return Outcome::ok;
  return Build::mutated(M::gone_page_is_nosuch) ? Outcome::nosuch : Outcome::segv;  // STEP-1
}

template <class Build> Outcome BasicMachine<Build>::do_mmap(const Step& s) {
  Mm* mm = mm_slot(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  const MmapWriteLock held(mm->mmap_lock);
  if (mm_of(s.process) == nullptr) return Outcome::nosuch;
  if (s.backing == Backing::file && index(s.file) >= cache_.files()) return Outcome::nosuch;
  if (s.count == 0 || s.count > kMaxPages) return Outcome::inval;
  if (s.hugetlb && s.count % kFolioPages != 0) return Outcome::inval;  // HUGE-8
  if (const MappedRegion* old = region_of(s.process, s.region); old && !old->areas.empty())
    return Outcome::inval;
  try {
    MappedRegion* region = place_region(*mm, s.region, s.count);
    if (region == nullptr) return Outcome::oom;
    if ((s.huge || s.hugetlb) && !forget_tables(*mm, *region, cpu_of(s.thread)))
      return Outcome::oom;
    region->reserved.assign(s.hugetlb ? s.count / kFolioPages : 0, false);
    region->areas.reserve(1);
    if (s.hugetlb && !Build::mutated(M::hugetlb_unreserved) && !frames_.set_aside(s.count))
      return Outcome::oom;  // HUGE-10
    fill_region(*region, s);
  } catch (const std::bad_alloc&) {
    return Outcome::oom;
  }
  return Outcome::ok;
}

// A name of which nothing is mapped, at a place that is long enough; null where name or place is
// not to be had. Both stay: nobody sees them. Throws std::bad_alloc.
template <class Build>
MappedRegion* BasicMachine<Build>::place_region(Mm& mm, Region name, std::uint32_t pages) {
  if (index(name) >= kMaxNames || !mm.regions.grow(index(name) + std::size_t{1})) return nullptr;
  MappedRegion& region = mm.regions[index(name)];
  if (region.span >= pages) return &region;  // a name mapped anew keeps its place
  const Vpn span = region_span(pages), base = get_unmapped_area(mm, span);
  if (base == 0) return nullptr;
  region.span = span;
  Sync::store(region.base, base);
  return &region;
}

// Where tables are shared, empty ones of the place may have come from the parent: they go. False:
// one of those beside them was not to be had.
template <class Build>
bool BasicMachine<Build>::forget_tables(Mm& mm, const MappedRegion& region, unsigned cpu) {
  if constexpr (!Build::kSharesTables) return true;
  const Reach place{region.base, region.base + region.span, true};
  if (!own_edges(mm, place)) return false;
  free_pgtables(mm, mm.root, place, cpu);
  return true;
}

// Throws std::bad_alloc, having changed nothing.
template <class Build> void BasicMachine<Build>::fill_region(MappedRegion& region, const Step& s) {
  const bool is_shared = s.share == Share::shared;
  region.areas.reserve(1);
  ObjectNo object = index(s.file);
  if (s.backing == Backing::anon && is_shared) object = cache_.add(Kind::shmem, s.count, 0);
  region.at = s.backing == Backing::file ? s.at : 0;
  region.backing = s.backing;
  region.share = s.share;
  region.object = object;
  VmFlags flags = kVmMayWrite | prot_flags(s.prot) | (is_shared ? kVmShared : 0);
  if (s.huge && !region.has_object()) {
    flags |= kVmHugePage;
    Sync::store(huge_, 1);
  }
  if (s.hugetlb) {
    flags |= kVmHugeTlb;
    Sync::store(huge_, 1);
    Sync::store(hugetlb_, 1);
  }
  Hugetlb::reserve(region, s.hugetlb && !Build::mutated(M::hugetlb_unreserved));
  region.areas.push_back({0, s.count, flags, AnonVma::none});
  if (region.has_object()) {
    auto& mapped = cache_.object(object);
    const Held<Sync, LockRank::cache> held(mapped.lock);
    mapped.mapped_pages += s.count;
  }
  Sync::store(region.pages, s.count);  // from here on instructions find it
}

// A place of `span` pages: after everything so far, or else where only unmapped names stand. 0:
// none.
template <class Build> Vpn BasicMachine<Build>::get_unmapped_area(Mm& mm, Vpn span) {
  if (mm.next_base + span <= kAddressSpace) {
    const Vpn base = mm.next_base;
    mm.next_base += span;
    return base;
  }
  std::vector<std::pair<Vpn, Vpn>> taken;
  for (std::size_t i = 0; i < mm.regions.size(); ++i)
    if (const MappedRegion& r = mm.regions[i]; !r.areas.empty())
      taken.push_back({r.base, r.base + r.span});
  std::sort(taken.begin(), taken.end());
  taken.push_back({kAddressSpace, kAddressSpace});
  Vpn base = kFirstRegion;
  for (const auto& [first, end] : taken) {
    if (base + span <= first) break;
    base = end;
  }
  if (base + span > kAddressSpace) return 0;
  for (std::size_t i = 0; i < mm.regions.size(); ++i) {
    MappedRegion& r = mm.regions[i];  // unmapped names lose a place that is now another's
    if (r.areas.empty() && r.base < base + span && base < r.base + r.span) r.base = r.span = 0;
  }
  return base;
}

template <class Build> Outcome BasicMachine<Build>::do_munmap(const Step& s) {
  return change_range(s, [&](Target& t) { return unmap_range(s, t); });
}

template <class Build> Outcome BasicMachine<Build>::unmap_range(const Step& s, Target& t) {
  if (Hugetlb::cuts(*t.region, s.first, s.last + 1)) return Outcome::inval;  // HUGE-8
  try {
    t.region->areas.reserve(t.region->areas.size() + 1);
  } catch (const std::bad_alloc&) {
    return Outcome::oom;
  }
  if (Build::kSharesTables && !own_edges(*t.mm, unmap_reach(*t.region, s.first, s.last + 1)))
    return Outcome::oom;
  unmap_region(*t.mm, t.mm->root, *t.region, s.first, s.last + 1, cpu_of(s.thread));
  return Outcome::ok;
}

template <class Build> Outcome BasicMachine<Build>::do_exit(const Step& s) {
  Mm* mm = mm_slot(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  const MmapWriteLock held(mm->mmap_lock);
  migration_.wait_if_any();
  if (mm_of(s.process) == nullptr) return Outcome::nosuch;
  exit_mmap(*mm, cpu_of(s.thread));
  return Outcome::ok;
}

}  // namespace cow::impl

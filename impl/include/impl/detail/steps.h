// The steps: who is meant, what is refused first, and what is called then.
#pragma once

#include <algorithm>
#include <new>
#include <utility>

#include "impl/detail/entry.h"
#include "impl/machine.h"

namespace cow::impl {

template <class Build> void BasicMachine<Build>::reset(const Setup& setup, const Rules& rules) {
  for (Mm& mm : processes_)
    if (mm.alive) exit_mmap(mm);  // leaves every table zeroed, for the next user
  refs_.clear();
  strays_.clear();
  rules_ = rule_bits(rules);
  frames_.reset(setup.frames);
  tables_.reset();
  cache_.reset();
  for (const FileSetup& file : setup.files) cache_.add(Kind::file, file.pages, file.value);
  cache_.files_are_added();
  if (processes_.empty()) processes_.resize(1);
  Mm& first = processes_[0];
  for (MappedRegion& region : first.regions) region.pages = 0;  // no names
  first.root = tables_.make_root();
  if (first.root == 0) throw std::bad_alloc();
  first.alive = true;
  first.has_pinned = false;
  first.next_base = kFirstRegion;
  first.rss = {};
}

template <class Build> Result BasicMachine<Build>::run(const Step& step) {
  tables_.clear_failed();
  return dispatch(step);
}

template <class Build> Result BasicMachine<Build>::dispatch(const Step& s) {
  switch (s.op) {
    case Op::map: return {do_mmap(s)};
    case Op::unmap: return {do_munmap(s)};
    case Op::protect: return {do_mprotect(s)};
    case Op::advise: return {do_madvise(s)};
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
    case Op::sys_clear_refs: return {clear_refs(s)};
    case Op::sys_fail_alloc: frames_.fail_at(s.count); return {Outcome::ok};
    case Op::sys_fail_table: tables_.fail_at(s.count); return {Outcome::ok};
  }
  return {Outcome::inval};
}

// A range of a region that has a name; its pages may be gone.
template <class Build> Outcome BasicMachine<Build>::find_range(const Step& s, Target& t) {
  t.mm = mm_of(s.process);
  t.region = region_of(s.process, s.region);
  if (t.region == nullptr || s.last >= t.region->pages || s.first > s.last) return Outcome::nosuch;
  return Outcome::ok;
}

// One page: nosuch without a name, segv without a mapping.
template <class Build> Outcome BasicMachine<Build>::find_page(const Step& s, Target& t) {
  t.mm = mm_of(s.process);
  t.region = region_of(s.process, s.region);
  if (t.region == nullptr || s.first >= t.region->pages) return Outcome::nosuch;
  t.area = find_area(t.region->areas, s.first);
  if (t.area != nullptr) return Outcome::ok;
  return Build::mutated(M::gone_page_is_nosuch) ? Outcome::nosuch : Outcome::segv;  // STEP-1
}

template <class Build> Result BasicMachine<Build>::access(const Step& s, bool write) {
  Target t;
  Outcome outcome = find_page(s, t);
  if (outcome != Outcome::ok) return {outcome};
  if (!access_allowed(t.area->flags, write)) return {Outcome::segv};  // WP-5
  Pte* e = tables_.find_entry(t.mm->root, t.region->vpn(s.first));
  const bool permitted = e != nullptr && pte_present(*e) && (!write || pte_write(*e));
  if (permitted && !(write && Build::mutated(M::writable_entry_decides))) {  // WP-1
    outcome = Outcome::hit;
    *e = write ? pte_mkdirty(pte_mkyoung(*e)) : pte_mkyoung(*e);  // as hardware does
  } else {
    Fault f{*t.mm, *t.region, *t.area, s.first, write, false, e};
    outcome = handle_mm_fault(f);
    if (refused(outcome)) return {outcome};
    e = f.pte;
  }
  std::uint8_t& cell = frames_.cell(pte_frame(*e), s.cell);
  if (!write) return {outcome, true, cell};
  cell = s.value;
  return {outcome};
}

template <class Build> Outcome BasicMachine<Build>::do_mmap(const Step& s) {
  Mm* mm = mm_of(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  if (s.backing == Backing::file && index(s.file) >= cache_.files()) return Outcome::nosuch;
  if (s.count == 0 || s.count > kMaxPages) return Outcome::inval;
  if (const MappedRegion* old = region_of(s.process, s.region); old && !old->areas.empty())
    return Outcome::inval;
  if (index(s.region) >= kMaxNames) return Outcome::oom;
  const bool is_shared = s.share == Share::shared;
  try {
    if (index(s.region) >= mm->regions.size()) mm->regions.resize(index(s.region) + std::size_t{1});
    MappedRegion& region = mm->regions[index(s.region)];
    region.areas.reserve(1);
    Vpn base = region.base, span = region.span;
    if (span < s.count) {  // a name mapped anew keeps its place if that is long enough
      span = region_span(s.count);
      base = get_unmapped_area(*mm, span);
      if (base == 0) return Outcome::oom;
    }
    ObjectNo object = index(s.file);
    if (s.backing == Backing::anon && is_shared) object = cache_.add(Kind::shmem, s.count, 0);
    region.base = base;
    region.span = span;
    region.pages = s.count;
    region.at = s.backing == Backing::file ? s.at : 0;
    region.backing = s.backing;
    region.share = s.share;
    region.object = object;
    const VmFlags flags = kVmMayWrite | prot_flags(s.prot) | (is_shared ? kVmShared : 0);
    region.areas.push_back({0, s.count, flags, AnonVma::none});
    if (region.has_object()) cache_.object(object).mapped_pages += s.count;
  } catch (const std::bad_alloc&) {
    return Outcome::oom;
  }
  return Outcome::ok;
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
  for (const MappedRegion& r : mm.regions)
    if (!r.areas.empty()) taken.push_back({r.base, r.base + r.span});
  std::sort(taken.begin(), taken.end());
  taken.push_back({kAddressSpace, kAddressSpace});
  Vpn base = kFirstRegion;
  for (const auto& [first, end] : taken) {
    if (base + span <= first) break;
    base = end;
  }
  if (base + span > kAddressSpace) return 0;
  for (MappedRegion& r : mm.regions)  // unmapped names lose a place that is now another's
    if (r.areas.empty() && r.base < base + span && base < r.base + r.span) r.base = r.span = 0;
  return base;
}

template <class Build> Outcome BasicMachine<Build>::do_munmap(const Step& s) {
  Target t;
  const Outcome found = find_range(s, t);
  if (found != Outcome::ok) return found;
  try {
    t.region->areas.reserve(t.region->areas.size() + 1);
  } catch (const std::bad_alloc&) {
    return Outcome::oom;
  }
  unmap_region(*t.mm, *t.region, s.first, s.last + 1);
  return Outcome::ok;
}

template <class Build> Outcome BasicMachine<Build>::do_exit(const Step& s) {
  Mm* mm = mm_of(s.process);
  if (mm == nullptr) return Outcome::nosuch;
  exit_mmap(*mm);
  return Outcome::ok;
}

}  // namespace cow::impl

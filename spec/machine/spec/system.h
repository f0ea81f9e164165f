// What the system does to pages behind their processes' backs, and userfaultfd's protection: the
// loops of reclaim, migration, KSM and uffd-wp around their events.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "spec/ksm.h"
#include "spec/lazyfree.h"
#include "spec/migrate.h"
#include "spec/processes.h"
#include "spec/uffd.h"

namespace cow::spec {

template <class L> class System : public Processes<L> {
 public:
  using Processes<L>::Processes, Processes<L>::m;

 protected:
  // UFFDIO_REGISTER for the whole region, UFFDIO_WRITEPROTECT for the range.
  Outcome change_uffd(const Step& step) {
    if (const auto refusal = this->refuse_change(step)) return *refusal;
    register_uffd(step);
    split_at_edges(m, Slot{step.process, step.region, step.first}, step.first, step.last);
    this->for_entries(step.process, step.region, step.first, step.last,
                      [&](const Slot& s) { change_uffd_entry(step, s); });
    return Outcome::ok;
  }
  void register_uffd(const Step& step) {
    for (const auto& run : m.area.region(step.process, step.region).areas.all())
      m.vma[run.value].uffd = yes;
  }
  bool is_registered(const Step& step) const {
    const RegionLayout* region = m.area.find(step.process, step.region);
    if (region == nullptr) return false;
    const auto& runs = region->areas.all();
    return std::all_of(runs.begin(), runs.end(),
                       [&](const auto& run) { return m.vma[run.value].uffd; });
  }
  void change_uffd_entry(const Step& step, const Slot& s) {
    if (step.on) uffd_protect(m, s);
    else uffd_lift(m, s);
  }

  // Every entry that maps the page, of any process.
  std::vector<Slot> that_map(Frame f) const {
    std::vector<Slot> slots;
    for (const auto& [first, row] : m.pte.all())
      if (row->present && row->frame == f) slots.push_back(first);
    return slots;
  }
  // Reclaim of one page (SWAP-1).
  Outcome swap_out(const Slot& s) {
    if (!std::as_const(m).pte[s].present || !std::as_const(m).page[m.frame_at(s)].anon ||
        is_hugetlb(m, s))
      return Outcome::inval;
    const Frame f = m.frame_at(s);
    const std::vector<Slot> slots = that_map(f);
    for (const Slot& t : slots)
      if (vma_of(std::as_const(m), t).locked) return Outcome::busy;
    const bool lazy = std::as_const(m).more[f].lazy;
    if ((!lazy && reclaim_spares(m, f)) || !can_be_small(m, f)) return Outcome::busy;
    split_folio(m, f);
    if (lazy) return drop_given_up(f, slots);
    add_to_swap(m, f);
    for (const Slot& t : slots) try_to_unmap_one(m, t);
    remove_mapping(m, f);
    return Outcome::ok;
  }
  // What was given up goes, unless somebody wrote it since (SWAP-6).
  Outcome drop_given_up(Frame f, const std::vector<Slot>& slots) {
    for (const Slot& t : slots)
      if (written_since(std::as_const(m), t)) {
        keep_page(m, f);
        return Outcome::busy;
      }
    if (stays_for_holders(m, f)) return Outcome::busy;
    for (const Slot& t : slots) zap(m, t);
    return Outcome::ok;
  }
  Outcome migrate(const Slot& s) {
    if (!std::as_const(m).pte[s].present || is_zero_page(m, m.frame_at(s))) return Outcome::inval;
    const Frame from = m.frame_at(s);
    if (is_large(m, from)) return migrate_folio(from);
    if (!may_migrate(m, from)) return Outcome::busy;
    const auto to = alloc_anon_page(m);
    if (!to) return Outcome::busy;
    migrate_page(m, from, *to);
    for (const Slot& t : that_map(from)) move_mapping(m, t, from, *to);
    put_page(m, from);
    return Outcome::ok;
  }
  // A large folio moves as a whole, and huge entries stay what they are.
  Outcome migrate_folio(Frame f) {
    if (!only_mapped(m, f)) return Outcome::busy;
    const std::vector<Frame> to = alloc_folio(m);
    if (to.empty()) return Outcome::busy;
    const Folio from = *m.folio.find(f);
    for (std::uint32_t i = 0; i < kHugePages; ++i) {
      migrate_page(m, from.pages[i], to[i]);
      for (const Slot& t : that_map(from.pages[i])) move_mapping(m, t, from.pages[i], to[i]);
    }
    m.folio.hand_over(f, to[0]);
    put_page(m, f);
    return Outcome::ok;
  }
  // A page of a large folio is made a small one first.
  bool could_take(const Slot& s) const {
    const Frame f = m.frame_at(s);
    return is_large(m, f) ? only_mapped(m, f) && !uffd_wp(m, s) : ksm_may_take(m, s);
  }
  // Two equal pages become one (KSM-1). Which stays: one that is a KSM page already, else the
  // first.
  Outcome ksm_merge(const Slot& s, const Slot& t) {
    if (!ksm_candidate(m, s) || !ksm_candidate(m, t)) return Outcome::inval;
    if (is_hugetlb(m, s) || is_hugetlb(m, t)) return Outcome::inval;
    const Frame f = m.frame_at(s), g = m.frame_at(t);
    if (f == g) return Outcome::ok;
    if (std::as_const(m).page[f].data != std::as_const(m).page[g].data) return Outcome::inval;
    if (is_ksm(m, f) && is_ksm(m, g)) return Outcome::inval;
    if (!could_take(s) || !could_take(t)) return Outcome::busy;
    split_folio(m, f);
    split_folio(m, g);
    const bool keeps_first = !is_ksm(m, g);
    const Slot& stays = keeps_first ? s : t;
    if (!is_ksm(m, m.frame_at(stays))) set_page_stable(m, stays);
    replace_page(m, keeps_first ? t : s, m.frame_at(stays));
    return Outcome::ok;
  }
};

}  // namespace cow::spec

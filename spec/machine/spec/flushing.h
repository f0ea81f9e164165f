// Entries that change before the flush that ends the step: what processors may go on using until
// then.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "spec/waiting.h"

namespace cow::spec {

template <class L> class Flushing : public Waiting<L> {
  using Base = Waiting<L>;

 public:
  using Base::Base, Base::m;

  const std::vector<Stale>& stale() const { return stale_.all(); }

 protected:
  using Base::of, Base::entry_allows;

  // What a processor may have cached of an entry. It writes through a translation only once that
  // is dirty; to set the dirty bit it looks at the entry again.
  Stale translation(ThreadId t, const Slot& s) const {
    const auto& pte = m.pte[s];
    return {t, s, pte.frame, pte.writable && pte.dirty};
  }
  // The entries of mprotect change in one event: others could tell an entry that is still to be
  // changed from one whose old translation they have only by what the flush ends.
  void protect_entries(ThreadId t) {
    const Step& step = of(t).step;
    const auto may = [&](const Slot& s) {
      return std::pair(entry_allows(s, Access::read), entry_allows(s, Access::write));
    };
    std::vector<Stale> before;
    this->for_present(step.process, step.region, step.first, step.last, [&](const Slot& s) {
      if (may(s).first) before.push_back(translation(t, s));
    });
    this->change_areas(step, this->populates(step));
    for (const Stale& s : before)
      if (!may(s.slot).first || (s.writable && !may(s.slot).second)) stale_.add(s);
  }
  // userfaultfd's change beside faults, one page table in an event: its entries from s on.
  void protect_table(ThreadId t, const Slot& s) {
    const Step& step = of(t).step;
    const std::uint32_t last = std::min(step.last, s.page | (kTablePages - 1));
    this->for_entries(s.process, s.region, s.page, last, [&](const Slot& at) {
      const bool was_writable = writable(std::as_const(m), at);
      const Stale was = was_writable ? translation(t, at) : Stale{};
      this->change_uffd_entry(step, at);
      if (was_writable && !writable(std::as_const(m), at)) stale_.add(was);
    });
  }
  // Where entries are, or may come to be, one slot for each page table; the first one last.
  std::vector<Slot> tables_in(const Step& step) {
    std::vector<Slot> tables = {{step.process, step.region, step.first}};
    this->for_entries(step.process, step.region, step.first, step.last, [&](const Slot& s) {
      const Slot begin{s.process, s.region, s.page & ~(kTablePages - 1)};
      if (begin.page > tables.back().page) tables.push_back(begin);
    });
    return tables;
  }
  // Reclaim, migration and KSM flush at once what they change, whoever else has still to.
  Result run_and_flush(const Step& step) {
    std::vector<Slot> were;
    const auto maps = [&](const Stale& s) {
      const auto& pte = std::as_const(m).pte[s.slot];
      return pte.present && pte.frame == s.frame && !is_ksm(std::as_const(m), s.frame);
    };
    for (const Stale& s : stale_.all())
      if (maps(s)) were.push_back(s.slot);
    const Result result = this->run(step);
    for (const Stale& s : stale())
      if (!maps(s) && std::find(were.begin(), were.end(), s.slot) != were.end())
        stale_.flush(s.slot);
    return result;
  }
  // WP-3: userfaultfd's changes of a page are flushed before its write fault is decided; what is
  // stale of it may not be used from here on.
  void flush_if_pending(const Slot& s, Access want) {
    const State<L>& now = m;
    const bool decides = want == Access::write && now.pte[s].present && !now.pte[s].writable;
    if (!decides || !vma_of(now, s).uffd || uffd_takes(now, s)) return;
    stale_.flush(s);
    if (now.rules.huge_copies_whole && maps_huge(now, s))
      for_huge(m, s, [&](const Slot& t) { stale_.flush(t); });
  }
  void copy_entry(ThreadId t, const Slot& s) {
    Activity& a = of(t);
    const Stale was = translation(t, s);
    const Pid child = a.step.child;
    if (!copy_any_entry(m, s, Slot{child, s.region, s.page})) {
      a.outcome = Outcome::oom;
      a.entries.clear();
      this->exit(child);
    } else if (was.writable && !writable(m, s)) {
      stale_.add(was);
    }
  }
  // ORD-5. The page stays until the flush.
  void zap_entry(ThreadId t, const Slot& s) {
    if (entry_allows(s, Access::read)) stale_.add(translation(t, s));
    of(t).holds.push_back(this->hold_stray(s));
    zap(m, s);
  }

  StaleTranslations stale_;

 private:
  static constexpr std::uint32_t kTablePages = 512;
};

}  // namespace cow::spec

// How the specification shows itself: the machine interface of cow/view.h.
#pragma once

#include "cow/view.h"
#include "spec/threads.h"

namespace cow::spec {

template <class L = Concrete, class Base = Machine<L>> class Shown : public Base {
 public:
  using Base::Base;
  using Base::m;

  PteView pte(const Slot& s) const {
    PteView v;
    if (s.page >= this->pages_in(s.process, s.region)) return v;
    v.mapped = this->is_mapped(s) ? Mapped::yes : Mapped::gone;
    if (v.mapped == Mapped::gone) return v;
    v.share = m.vma[m.area.of(s)].shared ? Share::shared : Share::private_;
    const auto& row = m.pte[s];
    v.present = row.present;
    v.swapped = is_swap(m, s);
    if (v.swapped) {
      const auto e = m.swap_pte[s].slot;
      v.swapcount = static_cast<std::uint32_t>(m.swapped.count(e));
      if (m.swap[e].cached) v.frame = m.swap[e].frame;
    }
    if (!row.present) return v;
    if (in_swap_cache(m, row.frame))
      v.swapcount = static_cast<std::uint32_t>(swapcount(m, row.frame));
    v.writable = row.writable;
    v.dirty = row.dirty;
    v.young = row.young;
    v.frame = row.frame;
    v.huge = maps_huge(m, s);
    if (!v.huge) return v;
    const Marks marks = m.folio.marks_once(s, [&] { return m.folio.marks(m, s); });
    v.dirty = marks.dirty;
    v.young = marks.young;
    return v;
  }
  PageView page(Frame f) const {
    const auto& row = m.page[f];
    PageView v;
    if (!row.allocated) return v;
    v.cells = row.data;
    v.kind = f == m.zero_page() ? Kind::zero
             : row.anon         ? Kind::anon
             : row.shmem        ? Kind::shmem
                                : Kind::file;
    if (v.kind == Kind::zero) return v;
    v.ksm = v.kind == Kind::anon && is_ksm(m, f);
    v.exclusive = row.exclusive;
    v.mapcount = static_cast<std::uint32_t>(m.mapped.count(f));
    v.pins = static_cast<std::uint32_t>(m.pins.count(f));
    if (is_large(m, f)) v.pins = static_cast<std::uint32_t>(m.folio.pins(m, f));
    v.refcount = refcount(m, f);
    return v;
  }
  Rss rss(Pid p) const {
    const std::size_t key = L::kRssKinds * std::size_t{index(p)};
    const auto count = [&](std::size_t k) { return static_cast<std::uint32_t>(m.rss.count(k)); };
    return {count(key) - hugetlb_pages(p), count(key + 1), count(key + 2), count(key + 3)};
  }
  // In the table they are with the anonymous ones; Linux counts them apart, and not in rss.
  std::uint32_t hugetlb_pages(Pid p) const {
    std::uint32_t n = 0;
    if (!m.area.has_hugetlb) return n;
    for (const auto& [s, row] : m.pte.all())
      n += s.process == p && row->present && is_hugetlb(m, s);
    return n;
  }
  std::uint32_t allocated(Kind kind) const {
    std::uint32_t n = 0;
    for (std::uint32_t f = 0; f < m.page.size(); ++f) {
      const PageView v = page(Frame{f});
      n += (v.ksm ? Kind::ksm : v.kind) == kind;
    }
    return n;
  }
  Frame frame_of(Ref k) const {
    const auto& row = m.ref[this->name(k)];
    return row.live ? row.frame : kNoFrame;
  }
};

using Specification = Shown<Concrete>;
using SpecificationOfThreads = Shown<Concrete, Threads<Concrete>>;

}  // namespace cow::spec
